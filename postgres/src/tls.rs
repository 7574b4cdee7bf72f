//! How connections are encrypted, and which certificates are believed.

use std::sync::Arc;

use codebolt_eventlog::error::Error;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::{TlsMode, Trust};
use crate::pem::Pem;

/// What makes of a connection one that others cannot listen to.
pub(crate) type Connector = MakeRustlsConnect;

/// What encrypts connections as the address says.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if there are no such certificates.
pub(crate) fn connector(mode: &TlsMode) -> Result<Connector, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match mode.trust {
        Trust::Any => Arc::new(AnyName {
            provider: Arc::clone(&provider),
            signed: None,
        }),
        Trust::Signed => {
            let signed = signed(mode.roots.as_ref(), &provider)?;
            Arc::new(AnyName {
                provider: Arc::clone(&provider),
                signed: Some(signed),
            })
        }
        Trust::Full => signed(mode.roots.as_ref(), &provider)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match &mode.own {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let with_own = config.with_client_auth_cert(certificate.certificates()?, key.key()?);
            with_own.map_err(|error| certificate.refused(&error.to_string()))?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

/// Believes certificates that were signed by those of a file, or of the system.
fn signed(
    roots: Option<&Pem>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(pem) => {
            for certificate in pem.certificates()? {
                let added = store.add(certificate);
                added.map_err(|error| pem.refused(&error.to_string()))?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            let (added, _) = store.add_parsable_certificates(found.certs);
            if added == 0 {
                let expected = "certificates of the system, or sslrootcert";
                return Err(Error::expected("path", expected, "none"));
            }
        }
    }
    let builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
    builder.build().map_err(|error| refused(&error))
}

fn refused(error: &dyn std::error::Error) -> Error {
    Error::expected("TLS", "what can encrypt", &error.to_string())
}

/// Believes a certificate whatever server it is of: one that was signed as it has to be, or any at all.
#[derive(Debug)]
struct AnyName {
    provider: Arc<CryptoProvider>,
    signed: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(signed) = &self.signed else {
            return Ok(ServerCertVerified::assertion());
        };
        match signed.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
