"""A view that does nothing else, behind each peer's authentication."""

from django.http import JsonResponse
from django.urls import path
from knox.auth import TokenAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_api_key.permissions import HasAPIKey
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

ANSWER = {"ok": True}


def floor(request):
    """Plain Django: the least that a request costs under this server."""
    return JsonResponse(ANSWER)


class Bare(APIView):
    """DRF, without authentication."""

    authentication_classes: list[type] = []
    permission_classes: list[type] = []

    def get(self, request):
        """The constant."""
        return Response(ANSWER)


class ApiKey(Bare):
    """djangorestframework-api-key."""

    permission_classes = [HasAPIKey]


class Jwt(Bare):
    """SimpleJWT: signature and user, no session to end."""

    authentication_classes = [JWTAuthentication]
    permission_classes = [IsAuthenticated]


class Knox(Bare):
    """django-rest-knox."""

    authentication_classes = [TokenAuthentication]
    permission_classes = [IsAuthenticated]


urlpatterns = [
    path("floor", floor),
    path("bare", Bare.as_view()),
    path("api-key", ApiKey.as_view()),
    path("jwt", Jwt.as_view()),
    path("knox", Knox.as_view()),
    path("login", TokenObtainPairView.as_view()),
    path("refresh", TokenRefreshView.as_view()),
]
