// Whether descriptions of children and supervisors may be used, and if not, in which words.
#pragma once

#include <spawned/supervisor.h>

namespace spawned::boundary {

// What is wrong, as a sentence that names the child and the field; empty: nothing.
struct description_fault {
    char text[512] = {};
    uint32_t looked_at = 0;  // supervisors
    bool found() const { return text[0] != 0; }
};

void check_supervisor(const spawned_supervisor* given, description_fault& fault);

// A child that is added at run time: to which supervisor, is not known here.
void check_child(const spawned_child* given, description_fault& fault);

}  // namespace spawned::boundary
