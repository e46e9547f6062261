-- For wrk: sends the requests of a file in turn, from `offset` on. A line: METHOD, path, headers (Name: value|…), body;
-- tabs between. Prints one JSON line with what came of it. Usage: wrk … -s replay.lua URL -- FILE OFFSET
local requests, at = {}, 0

function init(args)
  at = tonumber(args[2])
  for line in io.lines(args[1]) do
    local method, path, named, body = line:match("^(%S+)\t(%S+)\t([^\t]*)\t(.*)$")
    local headers = {}
    for name, value in named:gmatch("([^:|]+): ([^|]*)") do
      headers[name] = value
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end

function done(summary, latency)
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'wrk {"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status, broken,
    latency:percentile(50), latency:percentile(99)
  ))
end
