// What a suspended handler has lent to blocking work comes back before the handler is dropped.
#include "actor/await.hpp"

#include "actor/reply.hpp"
#include "actor/watch.hpp"

namespace spawned::engine {

namespace {

bool is_done(void* argument) {
    return (request_of(*static_cast<message*>(argument)).word.load() &
            reply_word<hardware>::done) != 0;
}

}  // namespace

bool return_loans(thread& self, core& home, actor& a, auxiliary& aux) {
    bool dropped = false;
    for (size_t i = 0; i < aux.count; ++i) {
        if (is_error(aux.responses[i])) continue;
        message& m = asked_of(aux.responses[i]);
        if (m.kind != message_kind::promise || !m.has(message_lent) || is_done(&m)) continue;
        // Work that has not begun goes with the actor's watches, which end here in any case.
        if (!dropped) end_as_watcher(home, a, a.pid.load_relaxed());
        dropped = true;
        request& asked = request_of(m);
        (void)asked.word.clear_waiter();
        if (asked.word.set_waiter(waiter_kind::thread, &self) &&
            wait_until(self, is_done, &m, UINT64_MAX) != waited::ready)
            return false;
    }
    return true;
}

}  // namespace spawned::engine
