from django.urls import path
from django.views.static import serve

from chat import views

urlpatterns = [
    path("login/<str:name>/", views.login),
    path("chat/<str:room_name>/", views.room),
    path("static/<path:path>", serve, {"document_root": "static"}),
]
