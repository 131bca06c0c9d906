//! Events of the hand-written peers: a struct a source, whose fields are tokens.

/// A struct of tokens that serialises to an event. What is `None` is left out.
macro_rules! event {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $token:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct $name<'r> {
            $(
                $(#[$attribute])*
                #[serde(skip_serializing_if = "Option::is_none")]
                $token: Option<$type>,
            )*
        }
    };
}
pub(super) use event;

/// Appends the event as a line of JSON.
///
/// # Errors
/// If it cannot be serialised.
pub(super) fn write(event: &impl serde::Serialize, out: &mut Vec<u8>) -> Result<(), String> {
    serde_json::to_writer(&mut *out, event).map_err(|error| error.to_string())?;
    out.push(b'\n');
    Ok(())
}
