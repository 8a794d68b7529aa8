# awk -v root=ROOT -v dir=DIR -f tidy_groups.awk ROOT/build-asan/compile_commands.json ROOT/build/compile_commands.json
# What the linter reads: writes DIR/compile_commands.json, DIR/groups/N.cc, which include the sources
# that cmake/PupciUnity.cmake puts together, and DIR/tidy.list with a line "SOURCE GROUP OBJECT" for
# each source, GROUP being "-" for one that stands alone and OBJECT what ninja in ROOT/build makes of
# it. The first file says which sources are together, the second how they are compiled.

function value(line) {
	sub(/^[^:]*: "/, "", line)
	sub(/",?$/, "", line)
	return line
}

# The sources that one of CMake's files includes, or the source itself.
function members(file, list,    n, line) {
	if (file !~ /\/Unity\/unity_[0-9]+_cxx\.cxx$/) {
		list[1] = file
		return 1
	}
	n = 0
	while ((getline line <file) > 0) {
		if (line ~ /^#include/) list[++n] = substr(line, 11, length(line) - 11)
	}
	close(file)
	return n
}

function entry(file, command) {
	printf "%s{\n  \"directory\": \"%s\",\n  \"command\": \"%s\",\n  \"file\": \"%s\"\n}", separator,
		directory, command, file >database
	separator = ",\n"
}

function source(file, command, object,    name, group) {
	name = substr(file, length(root) + 2)
	if (name !~ /^src\/.*\.cc$/ || name in seen) return
	seen[name] = 1
	entry(file, command " -c " file)
	group = file in group_of ? group_of[file] : "-"
	print name, group, object >listing
	if (group == "-") return
	if (!(group in text)) {
		text[group] = "// NOLINTBEGIN(bugprone-suspicious-include)\n"
		flags[group] = command
	}
	text[group] = text[group] "#include \"" file "\"\n"
}

BEGIN {
	database = dir "/compile_commands.json"
	listing = dir "/tidy.list"
	printf "[\n" >database
	printf "" >listing
}
/^ *"directory":/ { directory = value($0) }
/^ *"command":/ { command = value($0) }
/^ *"file":/ {
	file = value($0)
	split("", list)
	n = members(file, list)
	if (FILENAME ~ /\/build-asan\//) {
		if (n > 1) groups++
		for (i = 1; n > 1 && i <= n; i++) group_of[list[i]] = groups
		next
	}
	# The linter cannot read g++'s precompiled headers, and works long on all that they hold.
	sub(/ -Winvalid-pch -include [^ ]*\/cmake_pch\.hxx/, "", command)
	sub(/ -Wno-subobject-linkage/, "", command)  # clang knows no such warning
	object = command
	sub(/.* -o /, "", object)
	sub(/ .*/, "", object)
	sub(/ -c [^ ]*$/, "", command)
	for (i = 1; i <= n; i++) source(list[i], command, object)
}
END {
	for (group in text) {
		file = dir "/groups/" group ".cc"
		print text[group] "// NOLINTEND(bugprone-suspicious-include)" >file
		close(file)
		# A neighbour's names are no source's own; g++ has warned of what shadows.
		entry(file, flags[group] " -Wno-shadow -c " file)
	}
	print "\n]" >database
}
