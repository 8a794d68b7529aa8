# The driver world: what a driver source is compiled with. See docs/architecture.
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
  OUTPUT_VARIABLE PUPCI_COMPILER_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE)
set(PUPCI_DRIVER_FLAGS -nostdinc -isystem ${PUPCI_COMPILER_INCLUDE}
  -ffreestanding -fno-builtin -fno-strict-aliasing -fno-common -fPIC -g -D_KERNEL
  # A driver must see NetBSD, whatever the compiler was built for.
  -U__linux__ -U__linux -Ulinux -U__gnu_linux__ -D__NetBSD__)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  list(APPEND PUPCI_DRIVER_FLAGS -D__PUPCI_HOST_LINUX__)  # whose errno values hold
endif()

function(pupci_driver_world target)
  target_compile_options(${target} PRIVATE ${PUPCI_DRIVER_FLAGS} -Wall -Werror)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include/netbsd)
endfunction()
