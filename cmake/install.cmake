# Installs the headers, both libraries, the pkg-config file and the CMake package, as two components:
# runtime is what a program needs, development what its author does.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/spawned)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY cpp/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(FILES ${ffi_header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Two export sets: users of the shared library need no libuv of their own.
install(TARGETS spawned spawned_cpp EXPORT spawned_shared
        LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS spawned_static EXPORT spawned_static)
install(EXPORT spawned_shared FILE spawnedSharedTargets.cmake NAMESPACE spawned::
        DESTINATION ${package_dir})
install(EXPORT spawned_static FILE spawnedStaticTargets.cmake NAMESPACE spawned::
        DESTINATION ${package_dir})

configure_package_config_file(c/spawnedConfig.cmake.in spawnedConfig.cmake
    INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 every minor version may change what it likes.
write_basic_package_version_file(spawnedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/spawnedConfig.cmake
              ${PROJECT_BINARY_DIR}/spawnedConfigVersion.cmake
        DESTINATION ${package_dir})

# The prefix is found from the file's own place, so that an installation may be moved.
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(name spawned spawned-static)
    configure_file(c/${name}.pc.in ${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
