# SPDX-License-Identifier: BSD-2-Clause
# usage: zsh -f zsh_completed.zsh FOLDER LINE...
# What an interactive zsh with the completion functions of FOLDER makes of each line when the tab
# key is hit: the line "[what stands in the line then]" and, before it, what was listed below.

zmodload zsh/zpty || exit 1
folder=$1
shift
zpty inner TERM=dumb zsh -f -i

# Until the marker, which is never typed as it is printed.
read_until() {
	local output
	zpty -r inner output "*$1*" || exit 1
	REPLY=${output//$'\r'/}
}

zpty -w inner "PS1= PS2= RPS1=; stty -echo cols 200 rows 60; unsetopt prompt_cr zle_bracketed_paste
fpath=(${(q)folder} \$fpath); autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' list-colors ''; LISTMAX=1000
show_line() { print -r -- ; print -r -- \"[\$BUFFER]\"\"~end~\"; BUFFER=; zle redisplay }
zle -N show_line; bindkey '^I' complete-word '^X' show_line
print started\"~end~\""
read_until 'started~end~'
for line; do
	zpty -n -w inner "$line"$'\t\x18'
	read_until '~end~'
	print -r -- "${REPLY%%\~end\~*}"
done
zpty -d inner
