// SPDX-License-Identifier: Apache-2.0
//! WASI of activities and webhooks: environment from the deployment, output to the host, no
//! preopens, sockets and DNS denied. Made when the guest first asks for it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::abi::StView;
use crate::host::{Host, StCallbacks};
use crate::http::{AllowedHosts, Hooks};

/// What a guest may reach.
#[derive(Default)]
pub struct Environment {
    pub variables: Vec<(String, String)>,
    pub allowed_hosts: AllowedHosts,
}

pub struct Wasi {
    environment: Arc<Environment>,
    made: Option<Box<Made>>,
}

struct Made {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    table: ResourceTable,
}

impl Wasi {
    pub fn new(environment: Arc<Environment>) -> Wasi {
        Wasi { environment, made: None }
    }

    fn made(&mut self, callbacks: StCallbacks) -> &mut Made {
        let environment = &self.environment;
        self.made.get_or_insert_with(|| {
            let mut builder = WasiCtx::builder();
            builder.envs(&environment.variables);
            builder.stdout(Output { callbacks, which: 1 });
            builder.stderr(Output { callbacks, which: 2 });
            builder.allow_tcp(false);
            builder.allow_udp(false);
            builder.allow_ip_name_lookup(false);
            Box::new(Made {
                wasi: builder.build(),
                http: WasiHttpCtx::new(),
                hooks: Hooks { environment: environment.clone(), callbacks },
                table: ResourceTable::new(),
            })
        })
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let made = self.wasi.made(self.callbacks);
        WasiCtxView { ctx: &mut made.wasi, table: &mut made.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let made = self.wasi.made(self.callbacks);
        WasiHttpCtxView { hooks: &mut made.hooks, table: &mut made.table, ctx: &mut made.http }
    }
}

/// Standard output (1) or error (2) of a guest, handed to the host as it is written.
#[derive(Clone, Copy)]
struct Output {
    callbacks: StCallbacks,
    which: u8,
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(*self)
    }

    fn p2_stream(&self) -> Box<dyn wasmtime_wasi::p2::OutputStream> {
        Box::new(*self)
    }
}

impl Output {
    fn give(&self, bytes: &[u8]) {
        (self.callbacks.stream)(self.callbacks.context, self.which, StView::of(bytes));
    }
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.give(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[wasmtime_wasi::async_trait]
impl wasmtime_wasi::p2::Pollable for Output {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl wasmtime_wasi::p2::OutputStream for Output {
    fn write(&mut self, bytes: bytes::Bytes) -> wasmtime_wasi::p2::StreamResult<()> {
        self.give(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> wasmtime_wasi::p2::StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> wasmtime_wasi::p2::StreamResult<usize> {
        Ok(64 << 10)
    }
}
