# What the scripts beside this one measure with; they source it.

seconds() { # CPU seconds of a command, user and system; what it says goes to $work/said and $work/log
    local TIMEFORMAT='%U %S'
    { time "$@" > "$work/said" 2> "$work/log"; } 2>&1 | awk '{ print $1 + $2 }'
}

apart() { # how far the ends in a file, one a line, are from those that hopcast wrote with --out
    tail -n +2 "$1" | paste -d, - "$2" | awk -F, '
        { error = ($3 - $5) / $4; if (error < 0) error = -error; if (error > worst) worst = error }
        END { print worst }'
}
