# Debian packages of the two components: libspawned0 and libspawned-dev. Configure with the prefix /usr,
# which puts libraries where Debian looks for those of one architecture; then build the target package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_CONTACT "The spawned authors <spawned@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(library_package libspawned${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
# What programs that use the library depend on: a later version has all they may call.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
"The shared library: actors with mailboxes, requests, timers, names and exit
reasons behind a stable C ABI, on libuv.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libspawned-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${library_package} (= ${PROJECT_VERSION}), libuv1-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"Headers for C and C++, the static library, and what pkg-config and CMake need
to find them.")

foreach(package ${library_package} libspawned-dev)
    set(component runtime)
    if(package STREQUAL libspawned-dev)
        set(component development)
    endif()
    install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} RENAME copyright
            COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
