#include <spawned/runtime.h>

#include "check.hpp"
#include "platform/cpu.hpp"
#include "runtime/runtime.hpp"

using namespace spawned::boundary;

namespace {

constexpr uint32_t most_workers = 256;
constexpr uint32_t most_blocking = 4096;
constexpr size_t default_payload = size_t{16} << 20;
constexpr size_t most_payload = size_t{1} << 30;

#ifdef NDEBUG
constexpr spawned_duration default_slow = SPAWNED_FOREVER;
#else
constexpr spawned_duration default_slow = 10 * SPAWNED_MILLISECOND;
#endif

constexpr uint32_t known_runtime_flags =
    SPAWNED_RUNTIME_DETERMINISTIC | SPAWNED_RUNTIME_THREADS | SPAWNED_RUNTIME_HOSTED;

template <class T>
T value_or(T given, T usual) {
    return given == 0 ? usual : given;
}

bool read_options(const spawned_runtime_options* options, runtime_settings* settings) {
    spawned_runtime_options given = SPAWNED_RUNTIME_OPTIONS_INIT;
    if (options != nullptr && !read_sized(options, &given)) return false;
    const bool hosted = (given.flags & SPAWNED_RUNTIME_HOSTED) != 0;
    if ((given.flags & ~known_runtime_flags) != 0 || given.workers > most_workers ||
        (hosted && (given.flags != SPAWNED_RUNTIME_HOSTED || given.workers != 0)) ||
        given.blocking_threads > most_blocking || given.max_actors > max_slot ||
        given.max_payload > most_payload)
        return false;
    uint32_t workers = cpu_count();
    if (workers > most_workers) workers = most_workers;
    settings->deterministic = (given.flags & SPAWNED_RUNTIME_DETERMINISTIC) != 0;
    settings->only_threads = (given.flags & SPAWNED_RUNTIME_THREADS) != 0;
    settings->workers = settings->only_threads ? 1 : value_or(given.workers, workers);
    if (hosted) settings->workers = 0;
    settings->blocking_threads = value_or(given.blocking_threads, uint32_t{512});
    settings->max_actors = value_or(given.max_actors, max_slot);
    settings->seed = given.seed;
    settings->max_payload = value_or(given.max_payload, default_payload);
    settings->slow_handler = value_or(given.slow_handler, default_slow);
    settings->stuck_handler = value_or(given.stuck_handler, 5 * SPAWNED_SECOND);
    settings->blocking_idle = value_or(given.blocking_idle, 10 * SPAWNED_SECOND);
    settings->memory = default_allocator();
    settings->log = SPAWNED_LOG_SINK_INIT;
    settings->log.level = SPAWNED_LOG_OFF;
    if (given.allocator != nullptr) {
        spawned_allocator memory;
        if (!read_sized(given.allocator, &memory) || memory.allocate == nullptr ||
            memory.deallocate == nullptr)
            return false;
        settings->memory = {memory.allocate, memory.deallocate, memory.user_data, memory.destroy};
    }
    if (given.log == nullptr) return true;
    return read_sized(given.log, &settings->log) && settings->log.write != nullptr &&
           settings->log.reserved == 0;
}

struct report_target {
    char* next;
    size_t stride;
    size_t left;
    size_t count;
};

void write_report(const spawned_actor_report& report, void* argument) {
    auto& target = *static_cast<report_target*>(argument);
    ++target.count;
    if (target.left == 0) return;
    auto* to = reinterpret_cast<spawned_actor_report*>(target.next);
    to->size = target.stride;
    (void)write_sized(report, to);
    target.next += target.stride;
    --target.left;
}

}  // namespace

extern "C" {

spawned_status spawned_runtime_options_init(spawned_runtime_options* options, size_t size) {
    const spawned_runtime_options defaults = SPAWNED_RUNTIME_OPTIONS_INIT;
    return init_sized(options, size, defaults);
}

spawned_status spawned_actor_report_init(spawned_actor_report* report, size_t size) {
    const spawned_actor_report defaults = SPAWNED_ACTOR_REPORT_INIT;
    return init_sized(report, size, defaults);
}

spawned_status spawned_runtime_stats_init(spawned_runtime_stats* stats, size_t size) {
    const spawned_runtime_stats defaults = SPAWNED_RUNTIME_STATS_INIT;
    return init_sized(stats, size, defaults);
}

spawned_status spawned_runtime_create(const spawned_runtime_options* options,
                                      spawned_runtime** out_runtime) {
    if (out_runtime == nullptr) return SPAWNED_EINVAL;
    *out_runtime = nullptr;
    runtime_settings settings = {};
    if (!read_options(options, &settings)) return SPAWNED_EINVAL;
    core* home = nullptr;
    const spawned_status status = create_runtime(settings, &home);
    if (status == SPAWNED_OK) *out_runtime = public_of(home);
    return status;
}

spawned_status spawned_runtime_shutdown(spawned_runtime* runtime, spawned_duration timeout) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    return shut_down(*core_of(runtime), duration_or(timeout, 10 * SPAWNED_SECOND));
}

spawned_status spawned_runtime_busy(spawned_runtime* runtime, spawned_actor_report* reports,
                                    size_t stride, size_t capacity, size_t* out_count) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_count == nullptr || (reports == nullptr && capacity != 0) ||
        (capacity != 0 && (stride < sizeof(spawned_actor_report) || stride > largest_struct ||
                           stride % alignof(spawned_actor_report) != 0)))
        return SPAWNED_EINVAL;
    report_target target = {reinterpret_cast<char*>(reports), stride, capacity, 0};
    report_busy(*core_of(runtime), write_report, &target);
    *out_count = target.count;
    return SPAWNED_OK;
}

spawned_status spawned_runtime_destroy(spawned_runtime* runtime) {
    return destroy_runtime(core_of(runtime));
}

spawned_status spawned_runtime_stats_get(spawned_runtime* runtime, spawned_runtime_stats* stats) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (stats == nullptr) return SPAWNED_EINVAL;
    spawned_runtime_stats now_are = SPAWNED_RUNTIME_STATS_INIT;
    collect_stats(*core_of(runtime), &now_are);
    return write_sized(now_are, stats) ? SPAWNED_OK : SPAWNED_EINVAL;
}

spawned_status spawned_runtime_now(spawned_runtime* runtime, spawned_time* out_now) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_now == nullptr) return SPAWNED_EINVAL;
    *out_now = now(*core_of(runtime));
    return SPAWNED_OK;
}

spawned_runtime* spawned_pid_runtime(spawned_pid pid) {
    return is_possible(pid) ? public_of(runtime_at(pid)) : nullptr;
}
}
