#include <spawned/host.h>

#include "check.hpp"
#include "host_options.hpp"

using namespace spawned::boundary;

namespace {

host* host_behind(spawned_host* given) { return reinterpret_cast<host*>(given); }

}  // namespace

extern "C" {

spawned_status spawned_host_options_init(spawned_host_options* options, size_t size) {
    const spawned_host_options defaults = SPAWNED_HOST_OPTIONS_INIT;
    return init_sized(options, size, defaults);
}

spawned_status spawned_host_create(spawned_runtime* runtime, const spawned_host_options* options,
                                   spawned_host** out_host) {
    return create_host(runtime, options, nullptr, out_host);
}

spawned_status spawned_host_run(spawned_host* given, uint64_t max_messages, spawned_duration budget,
                                spawned_duration wait, spawned_duration* out_next) {
    if (given == nullptr) return SPAWNED_EINVAL;
    uint64_t next = 0;
    const host_limits limits = {max_messages, duration_or(budget, SPAWNED_FOREVER),
                                duration_or(wait, SPAWNED_NO_WAIT)};
    const spawned_status status = host_run(*host_behind(given), limits, &next);
    if (out_next != nullptr) *out_next = next;
    return status;
}

spawned_status spawned_host_next(spawned_host* given, spawned_duration* out_next) {
    if (given == nullptr || out_next == nullptr) return SPAWNED_EINVAL;
    return host_next(*host_behind(given), out_next);
}

spawned_status spawned_host_wake(spawned_host* given) {
    if (given == nullptr) return SPAWNED_EINVAL;
    host& woken = *host_behind(given);
    if (is_forked(*woken.home)) return SPAWNED_EFORKED;  // its bell would ring for the parent
    poke_host(woken);
    return SPAWNED_OK;
}

spawned_status spawned_host_descriptor(spawned_host* given, int32_t* out_descriptor) {
    if (given == nullptr || out_descriptor == nullptr) return SPAWNED_EINVAL;
    *out_descriptor = -1;
    return host_descriptor(*host_behind(given), out_descriptor);
}

spawned_status spawned_host_adopt(spawned_host* given) {
    return given == nullptr ? SPAWNED_EINVAL : adopt_host(*host_behind(given));
}
}
