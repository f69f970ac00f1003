//! `--format`: Go templates over the columns, as docker has them.

use std::collections::HashMap;

use gtmpl::{Context, Func, FuncError, Template, Value};

use super::{Column, Style, print_table};
use crate::error::Error;
use crate::ui;

/// The member that holds the labels, for `{{.Label "key"}}`; no template can name it.
const LABELS: &str = " labels";

/// Docker's functions beside those of Go.
const FUNCTIONS: [(&str, Func); 6] = [
    ("json", json),
    ("label", label),
    ("lower", lower),
    ("title", title),
    ("upper", upper),
    ("truncate", truncate),
];

/// Prints `rows` by `format`: `json`, `table ...` or a template.
///
/// # Errors
/// For a template that has no meaning, or names a column that there is not.
pub(super) fn print<T>(
    format: &str,
    rows: &[T],
    columns: &[Column<T>],
    style: &Style,
) -> Result<(), Error> {
    let template = Rows::parse(format)?;
    let mut lines = Vec::new();
    for row in rows {
        lines.push(template.render(columns, row, style)?);
    }
    if !template.table {
        for line in lines {
            ui::line(ui::safe(&line).as_bytes());
        }
        return Ok(());
    }
    let heads = cells(template.heads(columns)?);
    print_table(heads, lines.into_iter().map(cells).collect());
    Ok(())
}

/// A template that is rendered once a row.
pub(super) struct Rows {
    template: Template,
    /// Whether it was `table TEMPLATE`.
    pub(super) table: bool,
}

impl Rows {
    /// # Errors
    /// For a template that has no meaning.
    pub(super) fn parse(format: &str) -> Result<Rows, Error> {
        let format = match format {
            "json" => "{{json .}}",
            other => other,
        };
        let table = format.strip_prefix("table ");
        Ok(Rows {
            template: parse(&unescaped(table.unwrap_or(format)))?,
            table: table.is_some(),
        })
    }

    /// # Errors
    /// For a column that there is not.
    pub(super) fn render<T>(
        &self,
        columns: &[Column<T>],
        row: &T,
        style: &Style,
    ) -> Result<String, Error> {
        let fields = columns
            .iter()
            .map(|column| (column.name, (column.text)(row, style)));
        render(&self.template, fields.collect())
    }

    /// The line of the columns' heads.
    ///
    /// # Errors
    /// As [`Rows::render`].
    pub(super) fn heads<T>(&self, columns: &[Column<T>]) -> Result<String, Error> {
        let heads = columns
            .iter()
            .map(|column| (column.name, column.head.to_owned()));
        render(&self.template, heads.collect())
    }
}

/// The cells of a line that a template made.
pub(super) fn cells(line: String) -> Vec<String> {
    line.split('\t').map(str::to_owned).collect()
}

fn parse(text: &str) -> Result<Template, Error> {
    // A method with an argument, which the library does not have.
    let text = text.replace(".Label ", "label $ ");
    let mut template = Template::default();
    template.add_funcs(&FUNCTIONS);
    template
        .parse(&text)
        .map_err(|error| Error::Template(error.to_string()))?;
    Ok(template)
}

fn render(template: &Template, fields: Vec<(&'static str, String)>) -> Result<String, Error> {
    let names = fields.iter().map(|(name, _)| *name).collect();
    let labels = fields.iter().find(|(name, _)| *name == "Labels");
    let labels: HashMap<String, Value> = labels
        .into_iter()
        .flat_map(|(_, labels)| labels.split(','))
        .filter_map(|label| label.split_once('='))
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    let mut members: HashMap<String, Value> = fields
        .into_iter()
        .map(|(name, text)| (name.to_owned(), Value::from(text)))
        .collect();
    members.insert(LABELS.to_owned(), Value::Map(labels));
    template
        .render(&Context::from(Value::Object(members)))
        .map_err(|error| unknown(&error.to_string(), names))
}

/// The library shows all that it has of a row when a template names what is not there.
fn unknown(why: &str, known: Vec<&'static str>) -> Error {
    let asked = why.strip_prefix("no field ");
    match asked.and_then(|asked| asked.split_once(" for ")) {
        Some((asked, _)) => Error::NoColumn {
            asked: asked.to_owned(),
            known,
        },
        None => Error::Template(why.to_owned()),
    }
}

/// `\t` and `\n` as docker reads them.
fn unescaped(format: &str) -> String {
    format.replace("\\t", "\t").replace("\\n", "\n")
}

fn text(values: &[Value]) -> Result<String, FuncError> {
    match values.last() {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => Err(FuncError::AtLeastXArgs("a function".into(), 1)),
    }
}

fn json(values: &[Value]) -> Result<Value, FuncError> {
    let text = match values.first() {
        Some(Value::Object(members)) => {
            let mut members: Vec<(&String, String)> = members
                .iter()
                .filter(|(name, _)| *name != LABELS)
                .map(|(name, value)| (name, text(std::slice::from_ref(value)).unwrap_or_default()))
                .collect();
            members.sort();
            let members: serde_json::Map<String, serde_json::Value> = members
                .into_iter()
                .map(|(name, text)| (name.clone(), text.into()))
                .collect();
            serde_json::Value::from(members).to_string()
        }
        _ => serde_json::Value::from(text(values)?).to_string(),
    };
    Ok(Value::from(text))
}

fn label(values: &[Value]) -> Result<Value, FuncError> {
    let key = text(values)?;
    let Some(Value::Object(members)) = values.first() else {
        return Ok(Value::from(""));
    };
    Ok(match members.get(LABELS) {
        Some(Value::Map(labels)) => labels.get(&key).cloned().unwrap_or_else(|| Value::from("")),
        _ => Value::from(""),
    })
}

fn lower(values: &[Value]) -> Result<Value, FuncError> {
    Ok(Value::from(text(values)?.to_lowercase()))
}

fn upper(values: &[Value]) -> Result<Value, FuncError> {
    Ok(Value::from(text(values)?.to_uppercase()))
}

fn title(values: &[Value]) -> Result<Value, FuncError> {
    let text = text(values)?;
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    Ok(Value::from(first.unwrap_or_default() + letters.as_str()))
}

/// `{{truncate .Name 5}}`
fn truncate(values: &[Value]) -> Result<Value, FuncError> {
    let (Some(Value::String(text)), Some(Value::Number(length))) = (values.first(), values.get(1))
    else {
        return Err(FuncError::ExactlyXArgs("truncate".into(), 2));
    };
    let length = length
        .as_u64()
        .and_then(|length| usize::try_from(length).ok());
    Ok(Value::from(
        text.chars()
            .take(length.unwrap_or(usize::MAX))
            .collect::<String>(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(format: &str) -> Result<String, Error> {
        let fields = [("Names", "web"), ("Owner", "alice"), ("Labels", "a=1,b=2")];
        let fields = fields.map(|(name, text)| (name, text.to_owned())).to_vec();
        render(&parse(&unescaped(format))?, fields)
    }

    #[test]
    fn templates_are_dockers() {
        for (format, expected) in [
            ("{{.Names}}", "web"),
            ("{{.Owner}}\\t{{.Names}}", "alice\tweb"),
            ("{{upper .Names}}", "WEB"),
            ("{{json .Names}}", "\"web\""),
            ("{{.Label \"b\"}}", "2"),
            ("{{.Label \"c\"}}|", "|"),
            ("{{if eq .Owner \"alice\"}}hers{{else}}not{{end}}", "hers"),
            (
                "{{json .}}",
                r#"{"Labels":"a=1,b=2","Names":"web","Owner":"alice"}"#,
            ),
            ("{{truncate .Owner 2}}", "al"),
        ] {
            assert_eq!(rendered(format).unwrap(), expected, "{format}");
        }
    }

    #[test]
    fn a_template_without_a_meaning_is_an_error() {
        for format in ["{{.Nonsense}}", "{{", "{{frobnicate .}}"] {
            assert!(rendered(format).is_err(), "{format}");
        }
        let error = rendered("{{.Nonsense}}").unwrap_err();
        assert_eq!(error.to_string(), "there is no column \"Nonsense\"");
        let hint = error.hint().unwrap();
        assert_eq!(hint, "there is Names, Owner, Labels");
    }
}
