-- Reads spawned.ffi.h as LuaJIT does, compares what it understood with the pins of layout.c, and uses
-- the library through it. usage: luajit ffi.lua HEADER LIBRARY LAYOUT_C
local ffi = require("ffi")
local header, library, layout = unpack(arg)

local function read(path)
    local file = assert(io.open(path))
    local text = file:read("*a")
    file:close()
    return text
end

local declarations = read(header)
ffi.cdef(declarations)
local C = ffi.load(library)

local function expect(found, promised, what)
    if found ~= promised then
        error(string.format("%s is %s instead of %s", what, tostring(found), tostring(promised)), 2)
    end
end

-- Every function is one that the library has.
local functions = 0
for name in declarations:gmatch("[%s*](spawned_[%w_]+)%(") do
    assert(C[name] ~= nil)
    functions = functions + 1
end
assert(functions > 80, functions .. " functions found")

local pins = read(layout)
for struct, size in pins:gmatch("SIZE%((spawned_[%w_]+), (%d+)%)") do
    expect(ffi.sizeof(struct), tonumber(size), "sizeof " .. struct)
end
for struct, field, offset in pins:gmatch("FIELD%((spawned_[%w_]+), ([%w_]+), (%d+)%)") do
    expect(ffi.offsetof(struct, field), tonumber(offset), struct .. "." .. field)
end
for name, value in pins:gmatch("VALUE%((SPAWNED_[%w_]+), (%-?%d+)%)") do
    expect(C[name], tonumber(value), name)
end

-- Structs are made by the init functions, since macros are out of reach.
local function made(struct, init, ...)
    local it = ffi.new(struct)
    expect(init(it, ffi.sizeof(struct), ...), C.SPAWNED_OK, struct)
    return it
end

local options = made("spawned_runtime_options", C.spawned_runtime_options_init)
options.flags = C.SPAWNED_RUNTIME_DETERMINISTIC
local out_runtime = ffi.new("spawned_runtime *[1]")
expect(C.spawned_runtime_create(options, out_runtime), C.SPAWNED_OK, "create")
local runtime = out_runtime[0]

local behavior = made("spawned_behavior", C.spawned_behavior_init, "silent")
local word = made("spawned_message_type", C.spawned_message_type_init, "test.word", 8, 8)
local pid = ffi.new("spawned_pid[1]")
expect(C.spawned_actor_start(runtime, behavior, nil, pid), C.SPAWNED_OK, "start")
expect(C.spawned_send(pid[0], word, ffi.new("uint64_t[1]", 7)), C.SPAWNED_OK, "send")
expect(C.spawned_deterministic_run(runtime, 0, nil), C.SPAWNED_OK, "run")

local stats = made("spawned_runtime_stats", C.spawned_runtime_stats_init)
expect(C.spawned_runtime_stats_get(runtime, stats), C.SPAWNED_OK, "stats")
expect(stats.dead_no_handler, 1ULL, "messages without a handler")

expect(C.spawned_actor_stop(pid[0]), C.SPAWNED_OK, "stop")
expect(C.spawned_actor_join(pid[0], 1000000000ULL), C.SPAWNED_OK, "join")
local reason = made("spawned_exit", C.spawned_exit_init)
expect(C.spawned_actor_exit_reason(pid[0], reason, nil, 0), C.SPAWNED_OK, "exit reason")
expect(ffi.string(C.spawned_exit_kind_name(reason.kind)), "normal", "kind of exit")
expect(C.spawned_send(pid[0], word, ffi.new("uint64_t[1]", 8)), C.SPAWNED_ESTOPPED, "late send")
expect(C.spawned_runtime_destroy(runtime), C.SPAWNED_OK, "destroy")
print(functions .. " functions read and found")
