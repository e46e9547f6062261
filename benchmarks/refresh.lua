-- For wrk: exchanges refresh tokens, each for its successor, taking turns among those of a file; writes what is left
-- to the same file. Answers lost at the end lose their token. Usage: wrk … -s refresh.lua URL -- FILE FIELD
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  file, field, queue, first, last = args[1], args[2], {}, 1, 0
  for line in io.lines(file) do
    last = last + 1
    queue[last] = line
  end
end

function request()
  local token = queue[first]
  queue[first] = nil
  first = first + 1
  local headers = { ["Content-Type"] = "application/json" }
  return wrk.format("POST", nil, headers, string.format('{"%s": "%s"}', field, token))
end

function response(status, headers, body)
  local token = status == 200 and body:match('"' .. field .. '"%s*:%s*"([^"]+)"')
  if token then
    last = last + 1
    queue[last] = token
  end
end

function done(summary, latency)
  local left = io.open(threads[1]:get("file"), "w")
  for _, token in pairs(threads[1]:get("queue")) do
    left:write(token, "\n")
  end
  left:close()
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'wrk {"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status, broken,
    latency:percentile(50), latency:percentile(99)
  ))
end
