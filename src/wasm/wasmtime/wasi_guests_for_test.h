// SPDX-License-Identifier: Apache-2.0
// Owns: the text-format guests of the WASI tests.
// Life cycle: plain values. Thread: any. Must hold: versions differ on purpose; any 0.2.x links.
#pragma once

#include <string>

namespace stele::wasm::test {

/// The allocator that lowered functions with results need; memory at $memory.
inline constexpr const char* wat_memory = R"(
 (core module $memory-module
  (memory (export "memory") 1)
  (global $end (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
   (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
   (global.set $end (i32.add (local.get $at) (local.get 3)))
   (local.get $at)))
 (core instance $mem (instantiate $memory-module))
 (alias core export $mem "memory" (core memory $memory))
 (alias core export $mem "realloc" (core func $realloc))
)";

/// Exports `t:p/api.run: func() -> result<T>` of $c's core function "run".
inline std::string wat_export_run(const std::string& payload) {
  return " (func $run (result (result " + payload + ")) (canon lift (core func $c \"run\") " +
         "(memory $memory))) (instance $api (export \"run\" (func $run))) " +
         "(export \"t:p/api\" (instance $api)))";
}

/// Writes the value of its first environment variable to stdout and returns it; "" if there is
/// none.
inline std::string environment_guest() {
  return std::string("(component") + R"(
 (import "wasi:io/error@0.2.3" (instance $errors (export "error" (type (sub resource)))))
 (alias export $errors "error" (type $error))
 (import "wasi:io/streams@0.2.12" (instance $streams
  (export "output-stream" (type $output (sub resource)))
  (alias outer 1 $error (type $outer))
  (export "error" (type $e (eq $outer)))
  (type $failed (variant (case "last-operation-failed" (own $e)) (case "closed")))
  (export "stream-error" (type $stream-error (eq $failed)))
  (export "[method]output-stream.blocking-write-and-flush" (func
   (param "self" (borrow $output)) (param "contents" (list u8))
   (result (result (error $stream-error)))))))
 (alias export $streams "output-stream" (type $output))
 (import "wasi:cli/stdout@0.2.0" (instance $stdout
  (alias outer 1 $output (type $outer))
  (export "output-stream" (type $o (eq $outer)))
  (export "get-stdout" (func (result (own $o))))))
 (import "wasi:cli/environment@0.2.9" (instance $environment
  (export "get-environment" (func (result (list (tuple string string)))))))
)" + wat_memory +
         R"(
 (core func $env (canon lower (func $environment "get-environment")
  (memory $memory) (realloc $realloc)))
 (core func $stdout (canon lower (func $stdout "get-stdout")))
 (core func $write (canon lower
  (func $streams "[method]output-stream.blocking-write-and-flush") (memory $memory)))
 (core module $m
  (import "i" "memory" (memory 1))
  (import "i" "env" (func $env (param i32)))
  (import "i" "stdout" (func $stdout (result i32)))
  (import "i" "write" (func $write (param i32 i32 i32 i32)))
  (func (export "run") (result i32) (local $first i32) (local $out i32)
   (call $env (i32.const 16))
   (local.set $first (i32.load (i32.const 16)))
   (if (i32.load (i32.const 20)) (then
    (i32.store (i32.const 4) (i32.load offset=8 (local.get $first)))
    (i32.store (i32.const 8) (i32.load offset=12 (local.get $first)))))
   (call $write (call $stdout) (i32.load (i32.const 4)) (i32.load (i32.const 8))
    (i32.const 32))
   (if (i32.load8_u (i32.const 32)) (then unreachable))
   (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance (export "memory" (memory $memory))
  (export "env" (func $env)) (export "stdout" (func $stdout)) (export "write" (func $write))))))
)" + wat_export_run("string");
}

/// The error cases of wasi:http, in their order.
inline constexpr const char* wat_http_errors = R"(
  (type $dns' (record (field "rcode" (option string)) (field "info-code" (option u16))))
  (export "DNS-error-payload" (type $dns (eq $dns')))
  (type $tls' (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
  (export "TLS-alert-received-payload" (type $tls (eq $tls')))
  (type $field' (record (field "field-name" (option string)) (field "field-size" (option u32))))
  (export "field-size-payload" (type $field (eq $field')))
  (type $code' (variant (case "DNS-timeout") (case "DNS-error" $dns)
   (case "destination-not-found") (case "destination-unavailable")
   (case "destination-IP-prohibited") (case "destination-IP-unroutable")
   (case "connection-refused") (case "connection-terminated") (case "connection-timeout")
   (case "connection-read-timeout") (case "connection-write-timeout")
   (case "connection-limit-reached") (case "TLS-protocol-error") (case "TLS-certificate-error")
   (case "TLS-alert-received" $tls) (case "HTTP-request-denied")
   (case "HTTP-request-length-required") (case "HTTP-request-body-size" (option u64))
   (case "HTTP-request-method-invalid") (case "HTTP-request-URI-invalid")
   (case "HTTP-request-URI-too-long") (case "HTTP-request-header-section-size" (option u32))
   (case "HTTP-request-header-size" (option $field))
   (case "HTTP-request-trailer-section-size" (option u32))
   (case "HTTP-request-trailer-size" $field) (case "HTTP-response-incomplete")
   (case "HTTP-response-header-section-size" (option u32))
   (case "HTTP-response-header-size" $field) (case "HTTP-response-body-size" (option u64))
   (case "HTTP-response-trailer-section-size" (option u32))
   (case "HTTP-response-trailer-size" $field)
   (case "HTTP-response-transfer-coding" (option string))
   (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
   (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
   (case "configuration-error") (case "internal-error" (option string))))
  (export "error-code" (type $code (eq $code')))
)";

/// Sends a GET to http://<authority>/ and returns the number of the error case, 99 for a response.
inline std::string http_guest(const std::string& authority) {
  const std::string length = std::to_string(authority.size());
  return std::string("(component") + R"(
 (import "wasi:io/poll@0.2.3" (instance $poll
  (export "pollable" (type $pollable (sub resource)))
  (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
 (alias export $poll "pollable" (type $pollable))
 (import "wasi:http/types@0.2.3" (instance $types
  (alias outer 1 $pollable (type $outer))
  (export "pollable" (type $p (eq $outer)))
  (type $scheme' (variant (case "HTTP") (case "HTTPS") (case "other" string)))
  (export "scheme" (type $scheme (eq $scheme')))
  (export "fields" (type $fields (sub resource)))
  (export "outgoing-request" (type $request (sub resource)))
  (export "request-options" (type $options (sub resource)))
  (export "incoming-response" (type $response (sub resource)))
  (export "future-incoming-response" (type $future (sub resource)))
)" + wat_http_errors +
         R"(
  (export "[constructor]fields" (func (result (own $fields))))
  (export "[constructor]outgoing-request" (func (param "headers" (own $fields))
   (result (own $request))))
  (export "[method]outgoing-request.set-scheme" (func (param "self" (borrow $request))
   (param "scheme" (option $scheme)) (result (result))))
  (export "[method]outgoing-request.set-authority" (func (param "self" (borrow $request))
   (param "authority" (option string)) (result (result))))
  (export "[method]outgoing-request.set-path-with-query" (func (param "self" (borrow $request))
   (param "path" (option string)) (result (result))))
  (export "[method]future-incoming-response.subscribe" (func (param "self" (borrow $future))
   (result (own $p))))
  (export "[method]future-incoming-response.get" (func (param "self" (borrow $future))
   (result (option (result (result (own $response) (error $code)))))))))
 (alias export $types "outgoing-request" (type $request))
 (alias export $types "request-options" (type $options))
 (alias export $types "future-incoming-response" (type $future))
 (alias export $types "error-code" (type $code))
 (import "wasi:http/outgoing-handler@0.2.3" (instance $handler
  (alias outer 1 $request (type $r1)) (export "outgoing-request" (type $r (eq $r1)))
  (alias outer 1 $options (type $o1)) (export "request-options" (type $o (eq $o1)))
  (alias outer 1 $future (type $f1)) (export "future-incoming-response" (type $f (eq $f1)))
  (alias outer 1 $code (type $c1)) (export "error-code" (type $c (eq $c1)))
  (export "handle" (func (param "request" (own $r)) (param "options" (option (own $o)))
   (result (result (own $f) (error $c)))))))
)" + wat_memory +
         R"(
 (core func $block (canon lower (func $poll "[method]pollable.block")))
 (core func $fields (canon lower (func $types "[constructor]fields")))
 (core func $request (canon lower (func $types "[constructor]outgoing-request")))
 (core func $set-scheme (canon lower (func $types "[method]outgoing-request.set-scheme")
  (memory $memory)))
 (core func $set-authority (canon lower (func $types "[method]outgoing-request.set-authority")
  (memory $memory)))
 (core func $set-path (canon lower
  (func $types "[method]outgoing-request.set-path-with-query") (memory $memory)))
 (core func $subscribe (canon lower
  (func $types "[method]future-incoming-response.subscribe")))
 (core func $get (canon lower (func $types "[method]future-incoming-response.get")
  (memory $memory) (realloc $realloc)))
 (core func $handle (canon lower (func $handler "handle") (memory $memory) (realloc $realloc)))
 (core module $m
  (import "i" "memory" (memory 1))
  (import "i" "block" (func $block (param i32)))
  (import "i" "fields" (func $fields (result i32)))
  (import "i" "request" (func $request (param i32) (result i32)))
  (import "i" "scheme" (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "i" "authority" (func $authority (param i32 i32 i32 i32) (result i32)))
  (import "i" "path" (func $path (param i32 i32 i32 i32) (result i32)))
  (import "i" "subscribe" (func $subscribe (param i32) (result i32)))
  (data (i32.const 500) "/")
  (import "i" "get" (func $get (param i32 i32)))
  (import "i" "handle" (func $handle (param i32 i32 i32 i32)))
  (data (i32.const 512) ")" +
         authority + R"(")
  (func $send (param $request i32) (result i32) (local $future i32)
   (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 64))
   (if (i32.load8_u (i32.const 64)) (then (return (i32.load8_u (i32.const 72)))))
   (local.set $future (i32.load (i32.const 72)))
   (call $block (call $subscribe (local.get $future)))
   (call $get (local.get $future) (i32.const 128))
   (if (i32.eqz (i32.load8_u (i32.const 128))) (then unreachable))
   (if (i32.load8_u (i32.const 136)) (then unreachable))
   (if (i32.eqz (i32.load8_u (i32.const 144))) (then (return (i32.const 99))))
   (i32.load8_u (i32.const 152)))
  (func (export "run") (result i32) (local $request i32)
   (local.set $request (call $request (call $fields)))
   (drop (call $scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0)
    (i32.const 0)))
   (drop (call $authority (local.get $request) (i32.const 1) (i32.const 512)
    (i32.const )" +
         length + R"()))
   (drop (call $path (local.get $request) (i32.const 1) (i32.const 500) (i32.const 1)))
   (i32.store (i32.const 4) (call $send (local.get $request)))
   (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance (export "memory" (memory $memory))
  (export "block" (func $block)) (export "fields" (func $fields))
  (export "request" (func $request)) (export "scheme" (func $set-scheme))
  (export "authority" (func $set-authority)) (export "path" (func $set-path))
  (export "subscribe" (func $subscribe))
  (export "get" (func $get)) (export "handle" (func $handle))))))
)" + wat_export_run("u32");
}

/// Calls one function `(func (result u64))` of a WASI interface and returns its result.
inline std::string number_guest(const std::string& interface, const std::string& function) {
  return "(component (import \"" + interface + "\" (instance $wasi (export \"" + function +
         "\" (func (result u64)))))" + wat_memory + "(core func $ask (canon lower (func $wasi \"" +
         function + R"(")))
 (core module $m
  (import "i" "memory" (memory 1))
  (import "i" "ask" (func $ask (result i64)))
  (func (export "run") (result i32)
   (i64.store (i32.const 8) (call $ask))
   (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance (export "memory" (memory $memory))
  (export "ask" (func $ask))))))
)" + wat_export_run("u64");
}

/// A workflow or activity that logs "hello" at `level`.
inline std::string logging_guest(const std::string& level) {
  return "(component (import \"obelisk:log/log@1.0.0\" (instance $log (export \"" + level +
         "\" (func (param \"message\" string)))))" + wat_memory +
         "(core func $log (canon lower (func $log \"" + level + R"(") (memory $memory)))
 (core module $m
  (import "i" "memory" (memory 1))
  (import "i" "log" (func $log (param i32 i32)))
  (data (i32.const 512) "hello")
  (func (export "run") (result i32) (call $log (i32.const 512) (i32.const 5)) (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance (export "memory" (memory $memory))
  (export "log" (func $log))))))
)" + wat_export_run("u64");
}

}  // namespace stele::wasm::test
