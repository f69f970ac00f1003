# fish completion of dock: its own words here, everything else by docker's own
# completion. tests/texts.rs holds the words against the program.

complete --command dock --wraps docker
complete --command dock --condition __fish_is_first_token --no-files --arguments admin --description 'See and steer every space on this host'
complete --command dock --condition __fish_is_first_token --no-files --arguments doctor --description 'Look for what keeps you from using dock'
complete --command dock --condition __fish_is_first_token --no-files --arguments serve --description 'Serve your space on a socket, for SDKs and IDEs'
complete --command dock --condition __fish_is_first_token --no-files --arguments env --description 'Print how docker clients use that socket'
complete --command dock --condition __fish_is_first_token --no-files --arguments explain --description 'Explain a rule that refused something'
complete --command dock --condition __fish_is_first_token --long-option dry-run --description 'Print the docker command line and run nothing'
complete --command dock --condition '__fish_seen_subcommand_from serve env' --long-option socket --require-parameter --description 'The socket'
complete --command dock --condition '__fish_seen_subcommand_from serve env explain doctor' --long-option help --description Help
complete --command dock --condition '__fish_seen_subcommand_from explain doctor' --long-option json --description 'For a program to read'
complete --command dock --condition '__fish_seen_subcommand_from doctor' --long-option check --require-parameter --description 'A check or a theme'
complete --command dock --condition '__fish_seen_subcommand_from doctor' --long-option list --description 'List the checks'
# The program knows its rules; the first line is the table's head.
complete --command dock --condition '__fish_seen_subcommand_from explain' --no-files -a "(command dock explain 2>/dev/null | sed -n '1!s/ .*//p')"
# The words of 'dock admin', written by the program itself.
source (status dirname)/dock-admin.fish
