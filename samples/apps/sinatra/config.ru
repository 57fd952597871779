require_relative "app"

run Greeting
