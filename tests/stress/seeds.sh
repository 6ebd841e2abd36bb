#!/bin/sh
# The contract tests of how actors end, in deterministic mode, under many seeds: each seed is another order of what
# happens at once, and other choices of backend.
#
#   seeds.sh FOLDER COUNT [FIRST [NAME...]]
#
# FOLDER is where the tests were built; NAME is a program of tests/c without c_ and _test, or cpp for the C++
# layer. Prints what a seed broke, and how to run it again. Of programs about something else only the tests of
# starts and ends are run.
set -eu
folder=$1 count=$2 first=${3:-1}
[ $# -lt 3 ] && shift $# || shift 3
[ $# != 0 ] || set -- lifecycle capacity room_wait timer stop exit exit_signal shutdown shutdown_start misuse_handle \
    runtime embedding fork process_end signal await deadlock dead_letter ownership token event await_end watch_race \
    monitor monitor_start monitor_race link link_race registry registry_send group group_change group_race supervisor \
    supervisor_call supervisor_end supervisor_group supervisor_limit supervisor_many supervisor_misuse \
    supervisor_response supervisor_start supervisor_tree allocation_supervisor cpp
names=$*

# shellcheck disable=SC2016 # for the inner shell
seq "$first" $((first + count - 1)) | FOLDER=$folder NAMES=$names xargs -P "$(nproc)" -n 1 sh -c '
    log=$(mktemp) status=0
    for name in $NAMES; do
        program=c/c_${name}_test mode=deterministic
        case $name in
            capacity | room_wait) tests="*started*" ;;
            timer) tests="*stop*" ;;
            await) tests="*another_runtime*" ;;
            deadlock) tests="*joining*" ;;
            dead_letter) tests="*backlog*" ;;
            token) tests="*keeps_nothing*" ;;
            process_end) tests="*simulated*" ;;
            supervisor_many) tests="*a_thousand*" ;;
            cpp)
                program=cpp/spawned_cpp_tests mode=
                tests="--gtest_filter=Exceptions.*:Links.*:Monitors.*:Trees.*"
                ;;
            *) tests="*" ;;
        esac
        SPAWNED_TEST_SEED=$1 timeout 120 "$FOLDER/$program" $mode "$tests" >"$log" 2>&1 && continue
        status=1
        echo "failed: SPAWNED_TEST_SEED=$1 $FOLDER/$program $mode '\''$tests'\''"
        cat "$log"
    done
    rm -f "$log"
    exit $status' sh
echo "$count seeds from $first passed: $names"
