//! Where docker's options end.
//!
//! This module knows pflag's rules and nothing else: it does not know what a flag
//! means, only whether it eats the next word (see [`super::table`]). Words are
//! never changed or decoded here.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use super::table::{Arity, Flag};

/// Every docker command has it; `-h` too, where the command has no other use for it.
const HELP: Flag = Flag {
    long: "help",
    short: Some('h'),
    arity: Arity::Switch,
};

/// What a command's words may be.
#[derive(Clone, Copy, Debug)]
pub struct Grammar<'a> {
    /// The flags, in one or more tables.
    pub flags: &'a [&'a [Flag]],
    /// Whether options may follow operands.
    pub interspersed: bool,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan<'a> {
    /// The first word that is not an option or an option's value: the first operand,
    /// the `--` before it, or the end. pflag is between two options here, so an
    /// option put at this place is read as one.
    pub options_end: usize,
    /// Where each operand stands.
    pub operands: Vec<usize>,
    /// The flags that were given, in their order.
    pub given: Vec<&'a Flag>,
    /// `--help` is among them, whatever its value.
    pub help: bool,
}

/// Why a command line has no reading. Docker has the words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A flag that the table does not know: it may eat a word, or not.
    UnknownFlag,
    /// `---x`, `--=x`.
    BadSyntax,
    /// The last word is a flag that wants another.
    MissingValue,
}

/// Reads `words` as pflag does.
pub fn scan<'a>(words: &[OsString], grammar: Grammar<'a>) -> Result<Scan<'a>, Obstacle> {
    let mut found = Scan::default();
    let mut options_end = None;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let here = at;
        at += 1;
        match word.as_bytes() {
            b"--" => {
                options_end.get_or_insert(here);
                found.operands.extend(at..words.len());
                break;
            }
            [b'-', b'-', long @ ..] => at += grammar.long(long, &mut found)?,
            [b'-', cluster @ ..] if !cluster.is_empty() => {
                at += grammar.cluster(cluster, &mut found)?;
            }
            _ => {
                options_end.get_or_insert(here);
                if !grammar.interspersed {
                    found.operands.extend(here..words.len());
                    break;
                }
                found.operands.push(here);
            }
        }
        if at > words.len() {
            return Err(Obstacle::MissingValue);
        }
    }
    found.options_end = options_end.unwrap_or(words.len());
    found.help = found.given.contains(&&HELP);
    Ok(found)
}

impl<'a> Grammar<'a> {
    /// `--name` or `--name=value`; how many of the words that follow belong to it.
    fn long(self, word: &[u8], found: &mut Scan<'a>) -> Result<usize, Obstacle> {
        if matches!(word, [] | [b'-' | b'=', ..]) {
            return Err(Obstacle::BadSyntax);
        }
        let end = word.iter().position(|byte| *byte == b'=');
        let name = &word[..end.unwrap_or(word.len())];
        let flag = self
            .all()
            .find(|flag| flag.long.as_bytes() == name)
            .ok_or(Obstacle::UnknownFlag)?;
        found.given.push(flag);
        Ok(usize::from(end.is_none() && flag.arity == Arity::Value))
    }

    /// `-abc`, `-p80:80`, `-p=80:80`; how many of the words that follow belong to it.
    fn cluster(self, mut letters: &[u8], found: &mut Scan<'a>) -> Result<usize, Obstacle> {
        while let [letter, rest @ ..] = letters {
            let flag = self
                .all()
                .find(|flag| flag.short == Some(char::from(*letter)))
                .ok_or(Obstacle::UnknownFlag)?;
            found.given.push(flag);
            match (flag.arity, rest) {
                // pflag takes `=` for a sign only where something follows it: in `-e=`
                // the value is "=", in `-i=` it is one more letter.
                (_, [b'=', _, ..]) => return Ok(0),
                (Arity::Switch, _) => letters = rest,
                (Arity::Value, []) => return Ok(1),
                (Arity::Value, _) => return Ok(0),
            }
        }
        Ok(0)
    }

    /// The command's own flags first, as in docker: `run` has another use for `-h`.
    fn all(self) -> impl Iterator<Item = &'a Flag> {
        self.flags
            .iter()
            .flat_map(|table| table.iter())
            .chain(std::iter::once(&HELP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argv::table::{CREATE, RUN, VOLUME_CREATE};

    const RUN_GRAMMAR: Grammar<'static> = Grammar {
        flags: &[CREATE, RUN],
        interspersed: false,
    };
    const VOLUME_GRAMMAR: Grammar<'static> = Grammar {
        flags: &[VOLUME_CREATE],
        interspersed: true,
    };

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    /// Where the options of `docker run` end.
    fn end(line: &str) -> Result<usize, Obstacle> {
        scan(&words(line), RUN_GRAMMAR).map(|found| found.options_end)
    }

    #[test]
    fn value_flags_eat_the_next_word_whatever_it_is() {
        assert_eq!(end("-e --label busybox"), Ok(2));
        assert_eq!(end("--name -- busybox"), Ok(2));
        assert_eq!(end("--gpus all img"), Ok(2));
        assert_eq!(end("-h host img"), Ok(2));
    }

    #[test]
    fn values_in_the_same_word_eat_nothing() {
        assert_eq!(end("--name=x img"), Ok(1));
        assert_eq!(end("--name= img"), Ok(1));
        assert_eq!(end("-p80:80 img"), Ok(1));
        assert_eq!(end("-p=80:80 img"), Ok(1));
        assert_eq!(end("-e= img"), Ok(1));
    }

    #[test]
    fn switches_take_a_value_only_after_an_equals_sign() {
        assert_eq!(end("--rm false img"), Ok(1));
        assert_eq!(end("--rm=false img"), Ok(1));
        assert_eq!(end("-d=false img"), Ok(1));
    }

    #[test]
    fn clusters_end_at_the_first_letter_that_takes_a_value() {
        assert_eq!(end("-itd img"), Ok(1));
        assert_eq!(end("-itp 80:80 img"), Ok(2));
        assert_eq!(end("-itp80:80 img"), Ok(1));
        assert_eq!(end("-ite=zzz img"), Ok(1));
    }

    #[test]
    fn a_lone_dash_and_an_empty_word_are_operands() {
        assert_eq!(end("-i - -t"), Ok(1));
        assert_eq!(end("-i  -t"), Ok(1));
    }

    #[test]
    fn what_has_no_reading_is_told() {
        assert_eq!(end("--frobnicate img"), Err(Obstacle::UnknownFlag));
        assert_eq!(end("-itz img"), Err(Obstacle::UnknownFlag));
        assert_eq!(end("-i= img"), Err(Obstacle::UnknownFlag));
        assert_eq!(end("-\u{e9} img"), Err(Obstacle::UnknownFlag));
        assert_eq!(end("---rm img"), Err(Obstacle::BadSyntax));
        assert_eq!(end("--=x img"), Err(Obstacle::BadSyntax));
        assert_eq!(end("--name"), Err(Obstacle::MissingValue));
        assert_eq!(end("-ite"), Err(Obstacle::MissingValue));
    }

    #[test]
    fn options_after_an_operand_count_only_where_docker_reads_them() {
        let line = words("data --driver local -- -x");
        let found = scan(&line, VOLUME_GRAMMAR).unwrap();
        assert_eq!((found.options_end, found.operands), (0, vec![0, 4]));
        assert_eq!(found.given.len(), 1);

        let line = words("img --driver local");
        let found = scan(&line, RUN_GRAMMAR).unwrap();
        assert_eq!((found.options_end, found.operands), (0, vec![0, 1, 2]));
    }

    #[test]
    fn options_end_before_the_two_dashes() {
        let line = words("-it -- img");
        let found = scan(&line, RUN_GRAMMAR).unwrap();
        assert_eq!((found.options_end, found.operands), (1, vec![2]));
    }

    #[test]
    fn help_is_seen_and_hostname_is_not_help() {
        let help = |line, grammar| scan(&words(line), grammar).unwrap().help;
        assert!(help("--help", RUN_GRAMMAR));
        assert!(!help("-h x", RUN_GRAMMAR));
        assert!(!help("img --help", RUN_GRAMMAR));
        assert!(help("data -h", VOLUME_GRAMMAR));
    }
}
