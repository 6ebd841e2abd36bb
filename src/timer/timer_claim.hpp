// Who gets a timer: its firing, its cancellation, or the end of its actor. Guarded by the lock of the
// timer's shard; an interval is copied without that lock, so it has a stage in between.
//
//   vacant -> armed -> vacant            a one-shot fires or is withdrawn
//   armed -> ticking -> armed            an interval ticks
//   ticking -> withdrawn -> vacant       withdrawn meanwhile: the one who ticks cleans up
#pragma once

#include <cstdint>

namespace spawned::engine {

enum class withdrawal : uint8_t {
    none,   // it is not there any more
    mine,   // the caller has it now, and cleans up
    theirs  // the one who ticks will clean up; no tick will be handled
};

class timer_claim {
public:
    void arm() { stage_ = stage::armed; }

    // A one-shot's firing. It was in the wheel, so it is armed.
    void fire() { stage_ = stage::vacant; }

    void begin_tick() { stage_ = stage::ticking; }
    // False: withdrawn meanwhile; the caller cleans up.
    bool end_tick() {
        const bool goes_on = stage_ == stage::ticking;
        stage_ = goes_on ? stage::armed : stage::vacant;
        return goes_on;
    }

    withdrawal withdraw() {
        switch (stage_) {
            case stage::armed:
                stage_ = stage::vacant;
                return withdrawal::mine;
            case stage::ticking:
                stage_ = stage::withdrawn;
                return withdrawal::theirs;
            case stage::vacant:
            case stage::withdrawn:
                break;
        }
        return withdrawal::none;
    }

    bool is_live() const { return stage_ == stage::armed || stage_ == stage::ticking; }

private:
    enum class stage : uint8_t { vacant, armed, ticking, withdrawn };
    stage stage_ = stage::vacant;
};

}  // namespace spawned::engine
