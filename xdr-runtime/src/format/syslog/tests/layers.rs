//! Headers of relays in front of a header of its own.

use super::*;

#[test]
fn layers_in_front_of_a_netscaler_header_are_taken_off() {
    let native =
        "03/14/2024:07:08:09 GMT ns1 0-PPE-0 : default SSLVPN LOGIN 4711 0 : Context kim@203.0.113.5";
    // N1 to N3, C1 to C7
    check(&PLAIN, native, &[], native);
    check(&PLAIN, &format!("<134> {native}"), &["pri=134"], native);
    check(&PLAIN, &format!("  <134> {native}"), &["pri=134"], native);
    for body in [
        "2024/03/14:07:08:09  ns1 0-PPE-0 : x",
        "03/14/2024:07:08:09  0-PPE-0 : default x",
        "07:08:09 GMT ns1 0-PPE-0 : default x",
    ] {
        check(&PLAIN, &format!("<134>{body}"), &["pri=134"], body);
        check(&PLAIN, body, &[], body);
    }
    // N7, C11
    let body = "default CMD_EXECUTED 4711 0 :  User root - ADM_User NONE";
    check(&PLAIN, &format!("<135> {body}"), &["pri=135"], body);
    // N8, C13
    check(
        &PLAIN,
        &format!("<134>Mar 14 07:08:09 svm_service: 192.0.2.4  {native}"),
        &["host=192.0.2.4", "time=Mar 14 07:08:09", "pri=134", "program=svm_service"],
        native,
    );
    // C9
    check(
        &PLAIN,
        &format!("Mar 14 07:08:10 192.0.2.3  {native}"),
        &["host=192.0.2.3", "time=Mar 14 07:08:10"],
        native,
    );
    // N9, C10
    check(
        &PLAIN,
        "<134>1 2024-03-14T07:08:09Z ns1 SSLVPN 0-PPE-0 - - default Message 4711 0 :  \"…\"",
        &["host=ns1", "time=2024-03-14T07:08:09Z", "pri=134", "program=SSLVPN", "pid=0-PPE-0"],
        "default Message 4711 0 :  \"…\"",
    );
    // N10, C15
    check(
        &PLAIN,
        "<12>Mar 14 07:08:09 [289]: AAA Message : In receive_ldap_user_search_event: x",
        &["time=Mar 14 07:08:09", "pri=12", "pid=289"],
        "AAA Message : In receive_ldap_user_search_event: x",
    );
    check(&PLAIN, "[289]: AAA Message : x", &[], "[289]: AAA Message : x");
    check(
        &PLAIN,
        "bash[1]: root on /dev/pts/0 shell_command=\"ls\"",
        &[],
        "bash[1]: root on /dev/pts/0 shell_command=\"ls\"",
    );
    // N11, C12
    for cef in
        ["CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_STARTURL|6|src=203.0.113.5", "CEF:0|Citrix|Net Scaler|x"]
    {
        check(&PLAIN, &format!("<134> {cef}"), &["pri=134"], cef);
        check(
            &PLAIN,
            &format!("<134>Mar 14 07:08:09 ns1 {cef}"),
            &["host=ns1", "time=Mar 14 07:08:09", "pri=134"],
            cef,
        );
        check(&PLAIN, &format!("<134>Mar 14 07:08:09 {cef}"), &["time=Mar 14 07:08:09", "pri=134"], cef);
    }
}

#[test]
fn a_stamp_that_may_open_a_body_opens_a_header_in_front_of_a_tab_and_a_level() {
    for stamp in ["2024-03-14 07:08:10", "03-14-2024\t07:08:10"] {
        let time = format!("time={stamp}");
        for (end, body) in [("\t", "03/14/2024:07:08:09 GMT ns1"), ("\t ", "text")] {
            let text = format!("{stamp}\tLocal0.Info\t192.0.2.20{end}{body}");
            check(&PLAIN, &text, &["host=192.0.2.20", &time, "syslog.level=Local0.Info"], body);
        }
        for body in ["\tkim\tlogin", " Local0.Info 192.0.2.20 text", "\tLocal9.Info\tlogin", ""] {
            let text = format!("{stamp}{body}");
            check(&PLAIN, &text, &[], &text);
        }
        // Where columns follow, these are columns.
        let text = format!("{stamp}\tLocal0.Info\tlogin");
        check(&COLUMNS, &text, &[], &text);
    }
}
