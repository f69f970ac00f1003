# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dock_global_optspecs
    string join \n
end

function __fish_dock_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dock_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dock_using_subcommand
    set -l cmd (__fish_dock_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dock -n "__fish_dock_needs_command" -f -a "admin" -d 'See and steer every space on this host (for members of the admin group)'
complete -c dock -n "__fish_dock_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -l as -d 'Run a docker command inside the space of USER, by its rules' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "ls" -d 'List the spaces: whose they are, what they hold, when they were used'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "top" -d 'Show what each space uses, live or once: cpu, memory, GPU, disk, network, block io, pids'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "ps" -d 'List containers with their owners'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "images" -d 'List images and how many containers are of each'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "volumes" -d 'List volumes with their owners'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "networks" -d 'List networks with their owners'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "stop" -d 'Stop containers of any owner'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "start" -d 'Start containers of any owner, by the owner\'s rules'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "rm" -d 'Remove objects of any owner'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "logs" -d 'Show what a container of any owner wrote'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "exec" -d 'Run a command in a container, by the owner\'s rules: dock admin exec -it alice/web sh'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "prune" -d 'Remove what nobody uses any more, by the policy of [prune] in dock.toml(5)'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "purge" -d 'Remove everything of one space; its owner\'s running commands are cut'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "doctor" -d 'Look for what weakens the separation of the spaces on this host, with remedies'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "audit" -d 'Show who did what, when, to what'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "explain" -d 'Tell what would become of somebody\'s docker command, and what decides; nothing is done'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "archive" -d 'Put a space, or one container of it, into one file that can be restored'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "archives" -d 'List, show, verify, protect and prune archives'
complete -c dock -n "__fish_dock_using_subcommand admin; and not __fish_seen_subcommand_from ls top ps images volumes networks stop start rm logs exec prune purge doctor audit explain archive archives restore" -f -a "restore" -d 'Make what is in an archive again: all of it, or nothing'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -l format -d '\'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -l sort -d 'Sort by a column; -COLUMN sorts from the largest to the smallest' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -l no-trunc -d 'Whole ids and commands'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Ids or names alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -s a -l all -d 'Those of gone accounts that hold nothing, too'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ls" -l no-size -d 'Without the disk, which takes the engine a while to measure'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from top" -l sort -d 'Sort by a column, the largest first (default: cpu)' -r -f -a "cpu\t''
mem\t''
gpu\t''
disk\t''
net\t''
io\t''
pids\t''"
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from top" -l interval -d 'Between two readings (default: 2; 0.5 for one plain pass)' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from top" -l format -d 'One plain pass: \'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from top" -l containers -d 'One row per container in place of one per space'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from top" -l once -d 'One plain pass, on a terminal too'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from top" -l json -d 'One plain pass, for a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -l format -d '\'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -l sort -d 'Sort by a column; -COLUMN sorts from the largest to the smallest' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -s f -l filter -d 'owner=USER (\'-\' for nobody\'s), and docker\'s: name, status, label, ancestor, volume, ...' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -l no-trunc -d 'Whole ids and commands'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -s q -l quiet -d 'Ids or names alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -s a -l all -d 'Those that do not run, too'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from ps" -s s -l size -d 'With the bytes of their writable layers'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -l format -d '\'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -l sort -d 'Sort by a column; -COLUMN sorts from the largest to the smallest' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -s f -l filter -d 'owner=USER, and docker\'s: reference, dangling, label, before, since' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -l no-trunc -d 'Whole ids and commands'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -s q -l quiet -d 'Ids or names alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from images" -s a -l all -d 'Intermediate ones, too'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -l format -d '\'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -l sort -d 'Sort by a column; -COLUMN sorts from the largest to the smallest' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -s f -l filter -d 'owner=USER (\'-\' for nobody\'s), and docker\'s: name, dangling, driver, label' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -l no-trunc -d 'Whole ids and commands'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -s q -l quiet -d 'Ids or names alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from volumes" -s s -l size -d 'With their bytes, which takes the engine a while to measure'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from networks" -l format -d '\'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from networks" -l sort -d 'Sort by a column; -COLUMN sorts from the largest to the smallest' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from networks" -s f -l filter -d 'owner=USER (\'-\' for nobody\'s), and docker\'s: name, dangling, driver, scope, type, label' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from networks" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from networks" -l no-trunc -d 'Whole ids and commands'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from networks" -s q -l quiet -d 'Ids or names alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from stop" -s t -l time -l timeout -d 'Seconds to wait before killing the container' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from rm" -l type -d 'What the names are names of' -r -f -a "container\t''
image\t''
network\t''
volume\t''"
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from rm" -s f -l force -d 'Kill a container that runs; untag an image that is used'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from rm" -s v -l volumes -d 'A container\'s anonymous volumes, too'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from logs" -l since -d 'From then on (2026-01-31T12:00:00, or 42m for 42 minutes ago)' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from logs" -l until -d 'Until then' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from logs" -s n -l tail -d 'The last lines alone' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Until the container ends'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from logs" -s t -l timestamps -d 'With the time of each line'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from logs" -l details -d 'With extra attributes of the log'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l containers -d 'Containers stopped for so long' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l dangling-images -d 'Images without a name, unused for so long' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l images -d 'Images unused for so long' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l volumes -d 'Volumes unused for so long' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l networks -d 'Networks unused for so long' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l idle -d 'Running containers that did nothing for so long: they are stopped' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l unowned -d 'What becomes of objects without an author' -r -f -a "report\t''
remove\t''
ignore\t''"
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l filter -d 'owner=USER (\'-\' for nobody\'s), author=, label=, label!=, until=24h' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l dry-run -d 'Print what would be done, and do nothing'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -s f -s y -l yes -l force -d 'Without asking'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l now -d 'Without warning the owners first'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from prune" -l scheduled -d 'As the timer runs it: without asking, and only when [prune] enabled is true'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from purge" -l archive-first -d 'Archive it there and read the archive back; without that nothing is removed' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from purge" -l dry-run -d 'Say what would go, and remove nothing'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from purge" -s y -l yes -d 'Do not ask for the name'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from purge" -l json -d 'What goes, for a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from doctor" -l check -d 'This check alone, or those of a theme (\'engine\'); may be given more than once' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from doctor" -l list -d 'List the checks and look at nothing'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from doctor" -l json -d 'For a program to read: every check with its status'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l user -d 'What this person did (a login or a uid)' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l space -d 'What was done in this person\'s space, by anybody' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l verb -d 'container.create, create, container.*, ...' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l object -d 'What was done to this: a name, or the beginning of an id' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l since -d 'From then on (2h for two hours ago, 3d, 2026-01-31T12:00:00)' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l until -d 'Until then' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -s n -l lines -d 'The last lines alone' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l format -d '\'table TEMPLATE\', \'json\' for one object a line, or a Go template' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l refused -d 'Refusals alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l admins -d 'What came by \'dock admin\' alone'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -s f -l follow -d 'Go on with what happens, until it is interrupted'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l json -d 'For a program to read: one object a line'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from audit" -l no-trunc -d 'Whole ids'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from explain" -l json -d 'For a program to read'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l container -d 'This container alone, with its networks and volumes' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l to -d 'Where the archive goes [default: `[archive] target` in dock.toml]' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l mode -d 'What containers do meanwhile [default: `[archive] mode`, pause]' -r -f -a "stop\t''
pause\t''
live\t''"
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l encrypt -d 'For this recipient of age\'s alone; can be given again' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l bandwidth -d 'No more bytes a second than that: 500k, 20m' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l protected -d 'No retention removes it'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l verify -d 'Read it back from where it lies'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -s q -l quiet -d 'No progress and no summary'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archive" -l scheduled -d 'Archive the spaces that are due by `[archive.schedule]`'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archives" -f -a "ls" -d 'List the archives of a place'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archives" -f -a "show" -d 'Show what is in an archive; only its end is fetched'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archives" -f -a "verify" -d 'Read archives whole; exit 1 when anything in them is damaged'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archives" -f -a "protect" -d 'Keep archives from every retention'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from archives" -f -a "prune" -d 'Remove archives that no rule keeps [default: the rules of `[archive]`]'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l as -d 'Into the space of USER [default: the one that was archived]' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l container -d 'This container alone, with its networks and volumes' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l from -d 'Where the archives lie [default: `[archive] target` in dock.toml]' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l identity -d 'Identities of age\'s, for encrypted archives; nobody else may be able to read the file' -r -F
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l bandwidth -d 'No more bytes a second than that: 500k, 20m' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l max-size -d 'Unpack no more than that [default: 200 times the file, at least 4g]' -r
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l start -d 'Start the containers that ran'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -l dry-run -d 'Verify, say what would be made and what is in the way, and make nothing'
complete -c dock -n "__fish_dock_using_subcommand admin; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'No progress and no summary'
complete -c dock -n "__fish_dock_using_subcommand help; and not __fish_seen_subcommand_from admin help" -f -a "admin" -d 'See and steer every space on this host (for members of the admin group)'
complete -c dock -n "__fish_dock_using_subcommand help; and not __fish_seen_subcommand_from admin help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "ls" -d 'List the spaces: whose they are, what they hold, when they were used'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "top" -d 'Show what each space uses, live or once: cpu, memory, GPU, disk, network, block io, pids'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "ps" -d 'List containers with their owners'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "images" -d 'List images and how many containers are of each'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "volumes" -d 'List volumes with their owners'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "networks" -d 'List networks with their owners'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "stop" -d 'Stop containers of any owner'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "start" -d 'Start containers of any owner, by the owner\'s rules'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "rm" -d 'Remove objects of any owner'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "logs" -d 'Show what a container of any owner wrote'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "exec" -d 'Run a command in a container, by the owner\'s rules: dock admin exec -it alice/web sh'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "prune" -d 'Remove what nobody uses any more, by the policy of [prune] in dock.toml(5)'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "purge" -d 'Remove everything of one space; its owner\'s running commands are cut'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "doctor" -d 'Look for what weakens the separation of the spaces on this host, with remedies'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "audit" -d 'Show who did what, when, to what'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "explain" -d 'Tell what would become of somebody\'s docker command, and what decides; nothing is done'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "archive" -d 'Put a space, or one container of it, into one file that can be restored'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "archives" -d 'List, show, verify, protect and prune archives'
complete -c dock -n "__fish_dock_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "restore" -d 'Make what is in an archive again: all of it, or nothing'
