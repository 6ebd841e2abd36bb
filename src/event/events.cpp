#include "event/events.hpp"

#include "actor/block.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

spawned_status refuse(core& home, message& m, spawned_status status) {
    drop_message(home, m);
    return status;
}

using watching = spawned_status (*)(thread& self, core& home, watch& one, uint64_t source,
                                    spawned_pid for_whom);

spawned_status send_on(core& home, uint64_t source, message& m, uint64_t* out_event,
                       watching begin) {
    thread* self = current_thread(home);
    if (self == nullptr) return refuse(home, m, SPAWNED_ENOMEM);
    if (home.stopping.load_acquire() != 0) return refuse(home, m, SPAWNED_ESTOPPING);
    if (actor_of(home, m.target) == nullptr) return refuse(home, m, why_absent(m.target));
    watch* one = new_watch(home, sending_watch);
    if (one == nullptr) return refuse(home, m, SPAWNED_ENOMEM);
    one->sent = &m;
    const uint64_t id = watch_id(home, *one);
    const spawned_status status = begin(*self, home, *one, source, m.target);
    if (out_event != nullptr && status == SPAWNED_OK) *out_event = id;
    return status;
}

spawned_status respond_on(core& home, uint64_t source, spawned_pid holder, uint64_t timeout,
                          message** out_promise, watching begin) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    watch* one = new_watch(home, promising_watch);
    if (one == nullptr) return SPAWNED_ENOMEM;
    message* promise = new_watched_promise(home, *one);
    if (promise == nullptr) {
        release_watch(home, *one);
        return SPAWNED_ENOMEM;
    }
    request& asked = request_of(*promise);
    asked.deadline.store_relaxed(deadline_after(home, timeout));
    asked.holder.store_relaxed(holder);
    one->sent = promise;
    const spawned_status status = begin(*self, home, *one, source, 0);
    if (status == SPAWNED_OK)
        *out_promise = promise;
    else
        release(home, *promise);
    return status;
}

}  // namespace

spawned_status send_on_end(core& home, spawned_pid watched, message& m, uint64_t* out_event) {
    const spawned_status absent =
        actor_of(home, watched) == nullptr ? why_absent(watched) : SPAWNED_ESTOPPED;
    if (absent != SPAWNED_ESTOPPED) return refuse(home, m, absent);
    return send_on(home, watched, m, out_event, watch_end);
}

spawned_status send_on_cancel(core& home, uint64_t token, message& m, uint64_t* out_event) {
    if (!is_token(home, token)) return refuse(home, m, SPAWNED_EINVAL);
    return send_on(home, token, m, out_event, watch_token);
}

spawned_status end_response(core& home, spawned_pid watched, uint64_t timeout,
                            message** out_promise) {
    const spawned_status absent =
        actor_of(home, watched) == nullptr ? why_absent(watched) : SPAWNED_ESTOPPED;
    if (absent != SPAWNED_ESTOPPED) return absent;
    return respond_on(home, watched, watched, timeout, out_promise, watch_end);
}

spawned_status cancel_response(core& home, uint64_t token, uint64_t timeout,
                               message** out_promise) {
    if (!is_token(home, token)) return SPAWNED_EINVAL;
    return respond_on(home, token, 0, timeout, out_promise, watch_token);
}

bool init_events(core& home) {
    home.happening = create<events>(home.memory);
    if (home.happening == nullptr) return false;
    init_signals(home, home.happening->signals);
    return true;
}

void deinit_events(core& home) {
    if (home.happening == nullptr) return;
    home.happening->tokens.deinit(home.memory);
    destroy(home.memory, home.happening);
    home.happening = nullptr;
}

}  // namespace spawned::engine
