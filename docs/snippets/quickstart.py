import os

import httpx  # pip install httpx

api = httpx.Client(
    base_url="http://127.0.0.1:8000/api/v1",
    headers={"X-Open-Wearables-API-Key": os.environ["OW_API_KEY"]},
)
answer = api.get("/users")
print(answer.status_code, answer.json())
