-- Keeps its connections, and sends small requests and uploads in turn; how long it waits between two is its first argument, in milliseconds.
local pause = 0
local count = 0

function init(args)
  pause = tonumber(args[1] or "0")
end

function delay()
  return pause
end

local upload = string.rep("u", 4096)

function request()
  count = count + 1
  if count % 4 == 0 then
    return wrk.format("POST", "/upload", { ["Host"] = "app.example.com" }, upload)
  end
  return wrk.format("GET", "/small", { ["Host"] = "app.example.com" })
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
