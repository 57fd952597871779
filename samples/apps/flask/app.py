import os

from flask import Flask, jsonify, render_template, request

app = Flask(__name__)


def count(text):
    return {"words": len(text.split()), "characters": len(text)}


@app.get("/")
def index():
    text = request.args.get("text", "")
    greeting = os.environ.get("GREETING", "Word count")
    return render_template("index.html", greeting=greeting, text=text, count=count(text), dyno=os.environ.get("DYNO", "local"))


@app.get("/count")
def as_json():
    return jsonify(count(request.args.get("text", "")))
