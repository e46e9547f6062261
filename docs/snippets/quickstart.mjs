// In a file call.mjs: node call.mjs
const answer = await fetch("http://127.0.0.1:8000/api/v1/users", {
  headers: { "X-Open-Wearables-API-Key": process.env.OW_API_KEY },
});
console.log(answer.status, await answer.json());
