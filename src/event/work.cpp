#include "event/work.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "actor/watch.hpp"
#include "event/outside.hpp"
#include "event/token.hpp"

namespace spawned::engine {

namespace {

enum work_stage : uint32_t { work_queued, work_begun, work_over };

struct work : blocking_task {
    work_settings settings;
    message* told = nullptr;  // the promise, or the message
    hardware::atomic<uint32_t> stage;
    hardware::atomic<uint32_t> references;
    source_list watches;  // at most one

    bool promises() const { return told->kind == message_kind::promise; }
    uint64_t id() const { return reinterpret_cast<uintptr_t>(this); }
};

void let_go(core& home, work& one) {
    if (one.references.fetch_sub_acq_rel(1) == 1) destroy(home.memory, &one);
}

void end_user_data(const work_settings& settings) {
    if (settings.destroy != nullptr) settings.destroy(settings.user_data);
}

// True: it will not be begun, and its user data has ended.
bool take_back(work& one) {
    uint32_t expected = work_queued;
    if (!one.stage.cas_acq_rel(expected, work_over)) return false;
    end_user_data(one.settings);
    return true;
}

void tell_not_begun(core& home, work& one) {
    if (one.promises())
        resolve_with(home, *one.told, SPAWNED_ESTOPPED, nullptr, holds::a_handle);
    else
        drop_message(home, *one.told);
}

void work_never_fired(thread&, core&, watch&, const ended_actor*) { SPAWNED_UNREACHABLE(); }

// Its actor has ended, or its event was cancelled. What has begun finds nobody to tell.
void drop_work(core& home, watch& given) {
    work& one = *static_cast<work*>(given.task);
    if (take_back(one)) tell_not_begun(home, one);
    release_watch(home, given);
    let_go(home, one);
}

const watch_kind work_watch = {.fire = work_never_fired, .drop = drop_work, .is_event = true};

// False: the watch was dropped, so nobody is to be told.
bool take_watch(core& home, work& one) {
    watch* found = claim_first(one.watches, one.id());
    if (found == nullptr) return false;
    release_watch(home, *found);
    let_go(home, one);
    return true;
}

outside_outcome call(thread& self, const work_settings& settings, void* value) {
    return run_outside(self, [&] { return settings.run(settings.user_data, value); });
}

void run_for_promise(thread& self, core& home, work& one) {
    message& promise = *one.told;
    const spawned_message_type* type = reply_type(promise);
    void* value = type != nullptr ? reply_storage(home, promise, type->value_size) : nullptr;
    const outside_outcome ended = call(self, one.settings, value);
    end_user_data(one.settings);
    (void)take_watch(home, one);
    if (ended.status != SPAWNED_OK) {
        resolve_with(home, promise, ended.status, ended.words, holds::a_handle);
        return;
    }
    if (type != nullptr) {
        request& asked = request_of(promise);
        asked.reply = value;
        asked.reply_size = static_cast<uint32_t>(type->value_size);
    }
    resolve(home, promise, holds::a_handle);
}

void run_for_message(thread& self, core& home, work& one) {
    message& m = *one.told;
    const outside_outcome ended = call(self, one.settings, value_of(m));
    end_user_data(one.settings);
    if (ended.status != SPAWNED_OK)
        log_about(home, SPAWNED_LOG_WARNING, m.target, nullptr, m.type->name, 0,
                  "blocking work failed: %s",
                  ended.words != nullptr ? ended.words->bytes : status_words(ended.status));
    free_text(home, ended.words);
    if (take_watch(home, one) && ended.status == SPAWNED_OK)
        deliver_reserved(self, home, m);
    else
        drop_message(home, m);
}

bool is_unwanted(core& home, const work& one) {
    return home.stopping.load_acquire() != 0 ||
           (one.settings.until != 0 && is_cancelled(home, one.settings.until));
}

void run_work(thread& self, core& home, blocking_task& task) {
    work& one = static_cast<work&>(task);
    uint32_t expected = work_queued;
    if (is_unwanted(home, one)) {
        if (take_back(one)) {
            (void)take_watch(home, one);
            tell_not_begun(home, one);
        }
    } else if (one.stage.cas_acq_rel(expected, work_begun)) {
        if (one.promises())
            run_for_promise(self, home, one);
        else
            run_for_message(self, home, one);
    }
    let_go(home, one);
    home.works.fetch_sub_seq_cst(1);
    release_shutdown(home);
}

bool always(core&, uint64_t) { return true; }

// The watch by which the work ends with its actor. The work is not known to anybody yet.
spawned_status belong_to(core& home, work& one, spawned_pid owner, uint64_t* out_event) {
    watch* made = new_watch(home, work_watch);
    if (made == nullptr) return SPAWNED_ENOMEM;
    made->task = &one;
    const uint64_t id = watch_id(home, *made);
    one.references.store_relaxed(2);
    switch (watch_source(home, *made, one.watches, one.id(), always, owner)) {
        case arming::armed:
            if (out_event != nullptr) *out_event = id;
            return SPAWNED_OK;
        case arming::source_over:
        case arming::watcher_over:
            release_watch(home, *made);
            return SPAWNED_ESTOPPED;
        case arming::no_memory:
            release_watch(home, *made);
            return SPAWNED_ENOMEM;
    }
    SPAWNED_UNREACHABLE();
}

// From here on the work counts, so that a shutdown which this call does not see waits for it.
spawned_status admit_work(core& home) {
    home.works.fetch_add_seq_cst(1);
    const spawned_status status =
        home.stopping.load_seq_cst() != 0 ? SPAWNED_ESTOPPING : ensure_blocking_thread(home);
    if (status == SPAWNED_OK) return status;
    home.works.fetch_sub_seq_cst(1);
    release_shutdown(home);
    return status;
}

// On an error nothing but the user data has been touched, which has ended.
spawned_status begin(core& home, const work_settings& settings, message& told, spawned_pid owner,
                     uint64_t* out_event) {
    spawned_status status =
        current_thread(home) != nullptr ? admit_work(home) : spawned_status{SPAWNED_ENOMEM};
    if (status != SPAWNED_OK) {
        end_user_data(settings);
        return status;
    }
    work* one = create<work>(home.memory);
    if (one == nullptr) {
        status = SPAWNED_ENOMEM;
    } else {
        one->run = run_work;
        one->settings = settings;
        one->told = &told;
        one->references.store_relaxed(1);
        if (owner != 0) status = belong_to(home, *one, owner, out_event);
    }
    if (status == SPAWNED_OK) {
        run_blocking_task(home, *one);
        return status;
    }
    destroy(home.memory, one);
    end_user_data(settings);
    home.works.fetch_sub_seq_cst(1);
    release_shutdown(home);
    return status;
}

}  // namespace

spawned_status begin_work(core& home, const work_settings& settings, message& promise,
                          spawned_pid owner) {
    return begin(home, settings, promise, owner, nullptr);
}

spawned_status start_work(core& home, const work_settings& settings, message& promise,
                          spawned_pid owner) {
    const spawned_status status = begin_work(home, settings, promise, owner);
    if (status != SPAWNED_OK) resolve_with(home, promise, status, nullptr, holds::a_handle);
    return status;
}

spawned_status send_on_work(core& home, const work_settings& settings, message& m,
                            uint64_t* out_event) {
    spawned_status status = SPAWNED_OK;
    if (actor_of(home, m.target) == nullptr) {
        end_user_data(settings);
        status = why_absent(m.target);
    } else {
        status = begin(home, settings, m, m.target, out_event);
    }
    if (status != SPAWNED_OK) drop_message(home, m);
    return status;
}

}  // namespace spawned::engine
