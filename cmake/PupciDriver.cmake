# The driver world: what a driver source is compiled with, and how it becomes a shared
# object. `pupci build` has the same flags from here (driver_flags.h).
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
  OUTPUT_VARIABLE PUPCI_COMPILER_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE)
set(PUPCI_DRIVER_COMMON_FLAGS
  -ffreestanding -fno-builtin -fno-strict-aliasing -fno-common -fPIC -g -D_KERNEL
  # Backtraces name every function that was called.
  -fno-omit-frame-pointer -fno-optimize-sibling-calls
  # A driver must see NetBSD, whatever the compiler was built for.
  -U__linux__ -U__linux -Ulinux -U__gnu_linux__ -D__NetBSD__)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  list(APPEND PUPCI_DRIVER_COMMON_FLAGS -D__PUPCI_HOST_LINUX__)  # whose errno values hold
endif()
set(PUPCI_DRIVER_CXX_FLAGS -fno-exceptions -fno-rtti -fno-threadsafe-statics)
set(PUPCI_DRIVER_DEBUG_FLAGS -DDIAGNOSTIC -DDEBUG -DLOCKDEBUG)
set(PUPCI_DRIVER_LINK_FLAGS -nostdlib -Wl,--build-id -Wl,-Bsymbolic -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
  -Wl,--hash-style=both)
set(PUPCI_DRIVER_FLAGS -nostdinc ${PUPCI_DRIVER_COMMON_FLAGS})
if(IS_DIRECTORY "${PUPCI_COMPILER_INCLUDE}")  # NetBSD's own GCC keeps its headers with the system's
  list(APPEND PUPCI_DRIVER_FLAGS -isystem ${PUPCI_COMPILER_INCLUDE})
endif()

# The same lists for src/build, as C++ initializers.
set(flags_header "// Generated from cmake/PupciDriver.cmake.\n#pragma once\n\n")
foreach(list COMMON CXX DEBUG LINK)
  string(TOLOWER ${list} lower)
  list(JOIN PUPCI_DRIVER_${list}_FLAGS "\", \"" joined)
  string(APPEND flags_header "inline constexpr const char* driver_${lower}_flags[] = {\"${joined}\"};\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/build/driver_flags.h CONTENT "${flags_header}" @ONLY)

# What `pupci build` reads, where it finds it: as in an installed tree, relative to the
# executable.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/pupci/kern)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/netbsd ${PROJECT_BINARY_DIR}/share/pupci/netbsd SYMBOLIC)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/kern/ioconf.h ${PROJECT_BINARY_DIR}/share/pupci/kern/ioconf.h SYMBOLIC)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/build/driver.map ${PROJECT_BINARY_DIR}/share/pupci/driver.map SYMBOLIC)

# pupci_driver_world(target): compiles a target's sources as a driver's.
function(pupci_driver_world target)
  target_compile_options(${target} PRIVATE ${PUPCI_DRIVER_FLAGS} -Wall -Werror
    $<$<COMPILE_LANGUAGE:CXX>:${PUPCI_DRIVER_CXX_FLAGS}>)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include/netbsd)
  if(PUPCI_DEBUG)
    target_compile_options(${target} PRIVATE ${PUPCI_DRIVER_DEBUG_FLAGS})
  endif()
  if(PUPCI_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${PUPCI_SANITIZE})
    if(PUPCI_SANITIZE MATCHES "undefined")
      target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined)
    endif()
  endif()
endfunction()

# pupci_add_driver(NAME SOURCES file... [ATTACH "foo at pci with foo_pci"...]
#                  [DEVICE "foo { addr = -1 }: ifnet"...] [INCLUDE_DIRS dir...]
#                  [IDIRAFTER dir...] [DEFINITIONS def...])
# builds drivers/NAME.so, as `pupci build` would. ATTACH is "NAME at pci" unless given. The target
# is driver_NAME. OUTPUT_DIRECTORY puts it elsewhere.
function(pupci_add_driver name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT_DIRECTORY"
    "SOURCES;ATTACH;DEVICE;INCLUDE_DIRS;IDIRAFTER;DEFINITIONS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "pupci_add_driver(${name}): SOURCES missing, or unknown: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/drivers)
  endif()
  set(declarations "")
  foreach(text ${arg_DEVICE})
    list(APPEND declarations --device ${text})
  endforeach()
  foreach(text ${arg_ATTACH})
    list(APPEND declarations --attach ${text})
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}.generated)
  file(MAKE_DIRECTORY ${generated})
  add_custom_command(OUTPUT ${generated}/ioconf.c ${generated}/ioconf.h ${generated}/locators.h
    COMMAND pupci-config --name ${name} ${declarations} -o ${generated}
    DEPENDS pupci-config COMMENT "Configuring driver ${name}" VERBATIM)

  set(target driver_${name})
  add_library(${target} MODULE ${arg_SOURCES} ${generated}/ioconf.c)
  pupci_driver_world(${target})
  target_include_directories(${target} PRIVATE ${arg_INCLUDE_DIRS} ${generated} ${PROJECT_BINARY_DIR}/share/pupci)
  foreach(dir ${arg_IDIRAFTER})
    target_compile_options(${target} PRIVATE "SHELL:-idirafter ${dir}")
  endforeach()
  target_compile_definitions(${target} PRIVATE ${arg_DEFINITIONS})
  target_link_options(${target} PRIVATE ${PUPCI_DRIVER_LINK_FLAGS}
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/src/build/driver.map)
  target_link_libraries(${target} PRIVATE -lgcc)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY}
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/src/build/driver.map)
endfunction()
