#include "event/task_group.hpp"

#include <new>

#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "base/copy.hpp"
#include "base/pause.hpp"
#include "base/spin_lock.hpp"
#include "event/token.hpp"

namespace spawned::engine {

namespace {

struct task {
    task_group* group = nullptr;
    uint64_t index = 0;
    spawned_response* response = nullptr;
    hardware::atomic<uint32_t> is_noted;  // whoever rings does not look at the response any more
    uint8_t size_class = 0;
};

const spawned_message_type joined_type = SPAWNED_MESSAGE_TYPE("spawned.joined", uint64_t);

}  // namespace

struct task_group {
    core* home = nullptr;
    uint64_t token = 0;
    hardware::atomic<uint32_t> references{1};
    uint8_t size_class = 0;
    // The owner's.
    bool is_joined = false;
    uint8_t tasks_class = 0;
    size_t count = 0, capacity = 0;
    task** tasks = nullptr;
    // Under the lock.
    spin_lock lock;
    task_tally tally;
    uint32_t until = 0;
    message* joined = nullptr;  // the join that is not decided yet
};

namespace {

template <class T>
T* new_block_of(core& home) {
    uint8_t size_class;
    void* block = get_block(home, sizeof(T), &size_class);
    if (block == nullptr) return nullptr;
    T* made = ::new (block) T;
    made->size_class = size_class;
    return made;
}

void let_go(task_group& group) {
    if (group.references.fetch_sub_acq_rel(1) != 1) return;
    core& home = *group.home;
    for (size_t i = 0; i < group.count; ++i)
        put_block(home, group.tasks[i], group.tasks[i]->size_class);
    if (group.tasks != nullptr) put_block(home, group.tasks, group.tasks_class);
    free_text(home, group.tally.words);
    put_block(home, &group, group.size_class);
}

// Tells a join its outcome, and the other tasks that they are not needed.
void conclude(task_group& group, message& joined, const task_decision& decision, bool all_ended) {
    core& home = *group.home;
    if (!all_ended) (void)cancel_token(home, group.token);
    if (decision.status != SPAWNED_OK) {
        const text* words = group.tally.words;  // as it is: the first failure is noted once
        resolve_with(home, joined, decision.status,
                     words != nullptr ? new_text(home, words->bytes, words->length) : nullptr,
                     holds::a_handle);
        return;
    }
    request& asked = request_of(joined);
    asked.reply = reply_storage(home, joined, sizeof decision.value);
    copy_value(asked.reply, &decision.value, sizeof decision.value);
    asked.reply_size = sizeof decision.value;
    resolve(home, joined, holds::a_handle);
}

// Under the lock, behind a change: the join that is decided by it, and is the caller's to conclude.
message* take_decided(task_group& group, task_decision* decision) {
    if (group.joined == nullptr) return nullptr;
    *decision = decide(group.tally, group.until);
    if (!decision->is_made) return nullptr;
    message* joined = group.joined;
    group.joined = nullptr;
    return joined;
}

void note_outcome(task& one, spawned_status status, text* words) {
    task_group& group = *one.group;
    task_decision decision = {};
    bool are_words_kept = true;
    group.lock.lock();
    if (status == SPAWNED_OK)
        group.tally.note_success(one.index);
    else
        are_words_kept = group.tally.note_failure(status, words);
    message* decided = take_decided(group, &decision);
    const bool all_ended = group.tally.ended == group.tally.tasks;
    group.lock.unlock();
    if (!are_words_kept) free_text(*group.home, words);
    if (decided != nullptr) conclude(group, *decided, decision, all_ended);
}

// A bell: the response is ready, or its time is over, of which its owner may not know yet.
void on_outcome(void* user_data) {
    task& one = *static_cast<task*>(user_data);
    task_group& group = *one.group;
    core& home = *group.home;
    message& m = asked_of(one.response);
    spawned_status status = SPAWNED_ETIMEDOUT;
    text* words = nullptr;
    switch (outcome_of(m)) {
        case outcome::ready:
            status = request_of(m).status;
            if (const text* failure = request_of(m).failure; failure != nullptr)
                words = new_text(home, failure->bytes, failure->length);
            break;
        case outcome::given_up:
            status = given_up_status(request_of(m));
            break;
        case outcome::pending:
            break;
    }
    one.is_noted.store_release(1);
    note_outcome(one, status, words);
    let_go(group);
}

// Room for one more task.
bool make_room(task_group& group) {
    if (group.count < group.capacity) return true;
    const size_t capacity = group.capacity == 0 ? 8 : group.capacity * 2;
    uint8_t size_class;
    void* block = get_block(*group.home, capacity * sizeof(task*), &size_class);
    if (block == nullptr) return false;
    auto** tasks = static_cast<task**>(block);
    for (size_t i = 0; i < group.count; ++i) tasks[i] = group.tasks[i];
    if (group.tasks != nullptr) put_block(*group.home, group.tasks, group.tasks_class);
    group.tasks = tasks;
    group.tasks_class = size_class;
    group.capacity = capacity;
    return true;
}

void release_response(core& home, spawned_response* response) {
    if (!is_error(response)) release(home, asked_of(response));
}

void count_tasks(task_group& group, int64_t more) {
    const lock_guard guard(group.lock);
    group.tally.tasks += static_cast<uint64_t>(more);
}

// Makes a response a task. Unless OK it is still the caller's.
spawned_status adopt(task_group& group, spawned_response* response) {
    core& home = *group.home;
    if (group.is_joined) return SPAWNED_EALREADY;
    task* one = make_room(group) ? new_block_of<task>(home) : nullptr;
    if (one == nullptr) return SPAWNED_ENOMEM;
    one->group = &group;
    one->index = group.count;
    one->response = response;
    count_tasks(group, 1);
    if (is_error(response)) {
        note_outcome(*one, error_of(response), nullptr);
    } else {
        (void)group.references.fetch_add_relaxed(1);
        const spawned_status status = set_bell(home, asked_of(response), on_outcome, one);
        if (status != SPAWNED_OK) {
            (void)group.references.fetch_sub_acq_rel(1);
            count_tasks(group, -1);
            put_block(home, one, one->size_class);
            return status;
        }
    }
    group.tasks[group.count++] = one;
    return SPAWNED_OK;
}

// Takes back the last task, whose outcome nobody can have told.
void disown_last(task_group& group) {
    core& home = *group.home;
    task* one = group.tasks[--group.count];
    (void)set_bell(home, asked_of(one->response), nullptr, nullptr);
    count_tasks(group, -1);
    put_block(home, one, one->size_class);
    let_go(group);
}

}  // namespace

task_decision decide(const task_tally& tally, uint32_t until) {
    const bool all_ended = tally.ended == tally.tasks;
    const task_decision all = {all_ended, SPAWNED_OK, tally.tasks};
    const spawned_status failure = tally.first_failure;
    switch (until) {
        case SPAWNED_JOIN_FIRST_SUCCESS:
            if (tally.succeeded != 0) return {true, SPAWNED_OK, tally.first_success};
            return {all_ended, failure != SPAWNED_OK ? failure : SPAWNED_ENOENT, 0};
        case SPAWNED_JOIN_FIRST_FAILURE:
            return failure != SPAWNED_OK ? task_decision{true, failure, 0} : all;
        default:
            return all;
    }
}

spawned_status make_task_group(core& home, uint64_t parent, task_group** out_group) {
    auto* made = new_block_of<task_group>(home);
    if (made == nullptr) return SPAWNED_ENOMEM;
    made->home = &home;
    const spawned_status status = create_token(home, parent, &made->token);
    if (status == SPAWNED_OK)
        *out_group = made;
    else
        put_block(home, made, made->size_class);
    return status;
}

core& home_of(const task_group& group) { return *group.home; }
uint64_t token_of(const task_group& group) { return group.token; }

spawned_status start_task(task_group& group, const spawned_message_type* type,
                          const work_settings& settings, spawned_pid owner) {
    core& home = *group.home;
    message* promise = new_promise(home, type);
    // All that may be refused is there before the work begins.
    spawned_status status =
        promise != nullptr ? adopt(group, response_of(*promise)) : spawned_status{SPAWNED_ENOMEM};
    if (status != SPAWNED_OK) {
        if (settings.destroy != nullptr) settings.destroy(settings.user_data);
    } else {
        work_settings wanted = settings;
        wanted.until = group.token;
        status = begin_work(home, wanted, *promise, owner);
        if (status == SPAWNED_OK) return status;
        disown_last(group);
    }
    if (promise != nullptr) {
        resolve_with(home, *promise, status, nullptr, holds::a_handle);
        release(home, *promise);
    }
    return status;
}

spawned_status add_task(task_group& group, spawned_response* response) {
    const spawned_status status = adopt(group, response);
    if (status != SPAWNED_OK) release_response(*group.home, response);
    return status;
}

spawned_status join_tasks(task_group& group, uint32_t until, uint64_t timeout,
                          message** out_promise) {
    core& home = *group.home;
    if (group.is_joined) return SPAWNED_EALREADY;
    message* promise = new_promise(home, &joined_type);
    if (promise == nullptr) return SPAWNED_ENOMEM;
    request_of(*promise).deadline.store_relaxed(deadline_after(home, timeout));
    group.is_joined = true;
    task_decision decision = {};
    group.lock.lock();
    group.until = until;
    group.joined = promise;
    message* decided = take_decided(group, &decision);
    const bool all_ended = group.tally.ended == group.tally.tasks;
    group.lock.unlock();
    if (decided != nullptr) conclude(group, *decided, decision, all_ended);
    *out_promise = promise;
    return SPAWNED_OK;
}

spawned_response* task_response(task_group& group, size_t index) {
    return index < group.count ? group.tasks[index]->response : nullptr;
}

void release_task_group(task_group& group) {
    core& home = *group.home;
    group.lock.lock();
    message* undecided = group.joined;
    group.joined = nullptr;
    group.lock.unlock();
    if (home.ended.load_acquire() == 0) (void)cancel_token(home, group.token);
    if (undecided != nullptr)
        resolve_with(home, *undecided, SPAWNED_ENOREPLY, nullptr, holds::a_handle);
    for (size_t i = 0; i < group.count; ++i) {
        task& one = *group.tasks[i];
        if (is_error(one.response)) continue;
        message& m = asked_of(one.response);
        if (set_bell(home, m, nullptr, nullptr) == SPAWNED_OK)
            let_go(group);
        else
            // It rings, or has: perhaps on a thread that looks at the response this moment.
            while (one.is_noted.load_acquire() == 0) thread_yield();
        release(home, m);
    }
    let_go(group);
}

}  // namespace spawned::engine
