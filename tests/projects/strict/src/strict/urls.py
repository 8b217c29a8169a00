from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from .forms import ImportForm, PictureForm


@login_required
def pictures(request: HttpRequest) -> HttpResponse:
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return HttpResponse("kept")
    return render(request, "strict/form.html", {"form": form})


def enter(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return HttpResponse(f"{len(form.cleaned_data['file'].readlines())} lines")
    return render(request, "strict/form.html", {"form": form})


def report(request: HttpRequest) -> HttpResponse:
    return render(request, "strict/report.html")


urlpatterns = [
    path("pictures/", pictures),
    path("enter/", enter),
    path("report/", report),
    path("admin/", admin.site.urls),
]
