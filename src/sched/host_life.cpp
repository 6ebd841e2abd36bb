// The making of a host, its serving on a loop of the program, and its end.
#include <new>

#include "actor/block.hpp"
#include "platform/clock.hpp"
#include "sched/host.hpp"
#include "sched/loop_holder.hpp"

namespace spawned::engine {

namespace {

// Freed by the loop's last callback for it, perhaps after the runtime's end.
struct guest_block {
    loop_guest handles;
    uint8_t size_class;
};

void free_guest(loop_guest& handles, void* home) {
    auto& block = reinterpret_cast<guest_block&>(handles);
    const uint8_t size_class = block.size_class;
    put_block(*static_cast<core*>(home), &block, size_class);
}

void serve(void* argument) { serve_host(*static_cast<host*>(argument)); }

// The loop of a hosted runtime is the program's from here on.
spawned_status use_loop(core& home, native_loop& loop) {
    auto* tasks = create<event_loop>(home.memory);
    if (tasks == nullptr) return SPAWNED_ENOMEM;
    tasks->init_for(loop);
    scheduler& all = *home.sched;
    {
        lock_guard guard(all.loop_lock);
        if (!all.loop_is_closed && all.loop.load_relaxed() == nullptr) {
            all.loop.store_seq_cst(tasks);
            return SPAWNED_OK;
        }
    }
    destroy(home.memory, tasks);
    return SPAWNED_EALREADY;  // something was handed to a loop before
}

spawned_status open_guest(host& h, native_loop& loop) {
    core& home = *h.home;
    uint8_t size_class;
    void* place = get_block(home, sizeof(guest_block), &size_class);
    if (place == nullptr) return SPAWNED_ENOMEM;
    auto* block = ::new (place) guest_block;
    block->size_class = size_class;
    spawned_status status = block->handles.open(loop, serve, &h);
    if (status != SPAWNED_OK) {
        put_block(home, block, size_class);
        return status;
    }
    if (h.runs_all) status = use_loop(home, loop);
    if (status == SPAWNED_OK)
        h.guest = &block->handles;
    else
        block->handles.close(free_guest, &home);
    return status;
}

}  // namespace

spawned_status make_host(core& home, const host_settings& settings, native_loop* loop,
                         host** out_host) {
    scheduler& all = *home.sched;
    if (home.sim != nullptr) return SPAWNED_EUNSUPPORTED;
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    thread* self = current_thread(home);
    auto* made = self != nullptr ? create<host>(home.memory) : nullptr;
    if (made == nullptr) return SPAWNED_ENOMEM;
    made->home = &home;
    made->runs_all = all.hosted;
    made->settings = settings;
    made->owner.store_relaxed(self);
    made->until.store_relaxed(UINT64_MAX);
    uint32_t nobody = 0;
    spawned_status status = all.host_is_made.cas_seq_cst(nobody, 1) ? SPAWNED_OK : SPAWNED_EALREADY;
    if (status == SPAWNED_OK && loop != nullptr) {
        status = open_guest(*made, *loop);
        if (status != SPAWNED_OK) all.host_is_made.store_seq_cst(0);
    }
    if (status != SPAWNED_OK) {
        destroy(home.memory, made);
        return status;
    }
    self->lends_to.store_release(made);
    all.lent.store_seq_cst(made);
    *out_host = made;
    return SPAWNED_OK;
}

spawned_status check_host(core& home, backend where) {
    const scheduler& all = *home.sched;
    if (home.sim != nullptr || (where != backend::host && !all.hosted)) return SPAWNED_OK;
    return all.lent.load_acquire() != nullptr ? SPAWNED_OK : SPAWNED_EUNSUPPORTED;
}

bool is_elsewhere(thread& self, core& home) {
    host* h = home.sched->lent.load_acquire();
    return h != nullptr && host_of(self) != h;
}

bool is_inside_host(thread& self) {
    host* h = host_of(self);
    return h != nullptr && h->depth != 0;
}

void close_host(core& home) {
    host* h = home.sched->lent.load_acquire();
    if (h == nullptr) return;
    if (h->guest != nullptr) h->guest->close(free_guest, &home);
    h->guest = nullptr;
    if (h->doorbell == nullptr) return;
    h->doorbell->deinit(nullptr, nullptr);
    destroy(home.memory, h->doorbell);
    h->doorbell = nullptr;
}

void free_host(core& home) { destroy(home.memory, home.sched->lent.load_acquire()); }

}  // namespace spawned::engine
