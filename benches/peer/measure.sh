# What the scripts here and ../instructions.sh measure with. They source it and set $work, a folder.

seconds() { # CPU seconds of a command, user and system; what it says goes to $work/said and $work/log
    local TIMEFORMAT='%U %S'
    { time "$@" > "$work/said" 2> "$work/log"; } 2>&1 | awk '{ print $1 + $2 }'
}

apart() { # how far the ends in a file, one a line, are from those that hopcast wrote with --out
    tail -n +2 "$1" | paste -d, - "$2" | awk -F, '
        { error = ($3 - $5) / $4; if (error < 0) error = -error; if (error > worst) worst = error }
        END { print worst }'
}

built_bench() { # builds `cargo bench --bench sim` and says where it is
    local said
    cd "$(dirname "${BASH_SOURCE[0]}")/../.."
    said=$(cargo bench --no-default-features --features plan --bench sim --no-run 2>&1) || {
        echo "$said" >&2
        return 1
    }
    realpath "$(sed -n 's/.*Executable.*(\(.*\))$/\1/p' <<< "$said")"
}

sampled() { # what a measure, such as `seconds`, says of one of the benches in $bench, sampled so many times
    "$1" "$bench" --bench --exact "sim::$2" --sample-count "$3" --sample-size 1
    grep -q "│ $3 *│ $3 *\$" "$work/said" || { cat "$work/said" "$work/log" >&2; return 1; }
}
