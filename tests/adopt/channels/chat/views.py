from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def login(request, name):
    request.session["user"] = name
    return HttpResponse(status=204)


def room(request, room_name):
    return render(request, "room.html", {"room_name": room_name})
