# Writes the public headers as one that needs no preprocessor, for the cdef of LuaJIT, cffi and their like.
# usage: cmake -D COMPILER=cc -D INCLUDE=include -D OUTPUT=spawned.ffi.h -P ffi_header.cmake
set(work ${OUTPUT}.work)
# Readers of cdef know size_t and the integers; as no compiler says who it is, attributes vanish.
file(WRITE ${work}/stddef.h "")
file(WRITE ${work}/stdint.h "")
file(GLOB headers RELATIVE ${INCLUDE} ${INCLUDE}/*.h ${INCLUDE}/spawned/*.h)
list(TRANSFORM headers PREPEND "#include <")
list(TRANSFORM headers APPEND ">\n")
list(JOIN headers "" includes)
file(WRITE ${work}/all.c "${includes}")

execute_process(COMMAND ${COMPILER} -E -P -undef -nostdinc -U__GNUC__ -I${work} -I${INCLUDE} ${work}/all.c
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "(^|\n) ([a-z])" "\\1\\2" declarations "${text}")
if(declarations MATCHES "#")
    message(FATAL_ERROR "a directive is left in ${OUTPUT}")
endif()
file(WRITE ${OUTPUT}
    "/* Every declaration of spawned's headers, preprocessed: what a cdef reads. The manual is <spawned.h>.\n"
    " * Its constants beyond 32 bits are SPAWNED_FOREVER (2^64 - 1), SPAWNED_DEFAULT (2^64 - 2) and\n"
    " * SPAWNED_ZERO_TERMINATED (the largest size_t). */\n"
    "${declarations}")
file(REMOVE_RECURSE ${work})
