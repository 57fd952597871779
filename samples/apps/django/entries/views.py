from django import forms
from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import redirect, render

from .models import Entry


class EntryForm(forms.ModelForm):
    class Meta:
        model = Entry
        fields = ["name", "text"]


def index(request):
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("/")
    facts = {"greeting": settings.GREETING, "form": form, "count": Entry.objects.count(), "entries": Entry.objects.all()[:50]}
    return render(request, "entries/index.html", facts)


def as_json(request):
    return JsonResponse({"entries": list(Entry.objects.values("name", "text")[:50])})
