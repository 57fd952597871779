require "sinatra/base"

# One page, and one that shows what the router tells an app of a request.
class Greeting < Sinatra::Base
  set :environment, ENV.fetch("RACK_ENV", "development").to_sym
  set :host_authorization, { permitted_hosts: [] } if respond_to?(:host_authorization)

  get "/" do
    content_type "text/plain"
    "Hello from Sinatra\nRuby #{RUBY_VERSION}, dyno #{ENV.fetch("DYNO", "local")}\n"
  end

  get "/request" do
    content_type :json
    %({"scheme":"#{request.scheme}","id":"#{env["HTTP_X_REQUEST_ID"].to_s.gsub(/[^\w-]/, "")}"})
  end
end
