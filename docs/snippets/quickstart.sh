curl --fail-with-body -H "X-Open-Wearables-API-Key: $OW_API_KEY" \
  http://127.0.0.1:8000/api/v1/users
