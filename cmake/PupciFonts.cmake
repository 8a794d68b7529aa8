# The console's built-in fonts, made from the font files of the system: Debian's fonts-spleen and
# xfonts-terminus, pkgsrc's spleen and terminus-font. Elsewhere say where they lie:
# -DPUPCI_FONT_DIR=DIRECTORY[;DIRECTORY...].
# Spleen is under BSD-2-Clause, Terminus under the SIL Open Font License 1.1; both ask that their
# notices go with what they are part of, so those are installed too.
set(PUPCI_FONT_DIR "/usr/share/fonts/X11/misc;/usr/pkg/share/fonts/X11/spleen;/usr/pkg/share/fonts/X11/terminus;/usr/pkg/share/fonts/X11/misc;/usr/pkg/lib/X11/fonts/misc"
  CACHE STRING "Folders where spleen-*.pcf.gz and ter-u*.pcf.gz are")

# pupci_builtin_fonts(TARGET NAME[:WxH]=FILE[+FILE] ...): compiles fonts into a target. With a size,
# an anti-aliased font of it is made from the larger one in the file; the second file completes
# the first.
function(pupci_builtin_fonts target)
  set(files "")
  set(fonts "")
  foreach(font ${ARGN})
    string(REGEX MATCH "^([^=]*)=([^+]*)(\\+(.*))?$" matched "${font}")
    set(paths "")
    foreach(file ${CMAKE_MATCH_2} ${CMAKE_MATCH_4})
      # Terminus's own name for them is without what Debian appends.
      string(REPLACE "_unicode" "" own_name ${file})
      find_file(found NAMES ${file} ${own_name} PATHS ${PUPCI_FONT_DIR} NO_DEFAULT_PATH NO_CACHE NO_CMAKE_FIND_ROOT_PATH)
      if(NOT found)
        message(FATAL_ERROR "no font ${file} in ${PUPCI_FONT_DIR}: install fonts-spleen and xfonts-terminus (Debian) or spleen and terminus-font (pkgsrc), or set PUPCI_FONT_DIR")
      endif()
      list(APPEND paths ${found})
      unset(found)
    endforeach()
    list(APPEND files ${paths})
    list(JOIN paths "+" paths)
    string(REGEX MATCH "^[^=]*" name "${font}")
    list(APPEND fonts "${name}=${paths}")
  endforeach()
  list(REMOVE_DUPLICATES files)
  set(source ${PROJECT_BINARY_DIR}/generated/wsfont_builtin.cc)
  add_custom_command(OUTPUT ${source} COMMAND pupci-fonts ${source} ${fonts}
    DEPENDS pupci-fonts ${files} COMMENT "Making the built-in fonts" VERBATIM)
  target_sources(${target} PRIVATE ${source})
  foreach(package fonts-spleen xfonts-terminus)
    if(EXISTS /usr/share/doc/${package}/copyright)
      install(FILES /usr/share/doc/${package}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}
        RENAME copyright.${package})
    endif()
  endforeach()
endfunction()
