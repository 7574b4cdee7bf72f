//! Certificates that tests make for themselves.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PublicKeyData,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// One who signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// The certificate that others are signed by.
    pub(crate) pem: String,
}

/// A certificate, and the key that belongs to it.
pub(crate) struct Certified {
    pub(crate) pem: String,
    pub(crate) der: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    /// One of many of the same name.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new([]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(parameters, key),
            pem,
        }
    }

    /// Signs a certificate of a server that has those names.
    pub(crate) fn certify(&self, names: &[&str]) -> Certified {
        self.sign(&parameters(names))
    }

    /// Signs one that is not valid any more.
    pub(crate) fn certify_expired(&self, names: &[&str]) -> Certified {
        let mut parameters = parameters(names);
        parameters.not_after = date_time_ymd(2020, 1, 1);
        self.sign(&parameters)
    }

    /// Signs a certificate of a user of the database.
    pub(crate) fn certify_user(&self, name: &str) -> Certified {
        let mut parameters = parameters(&[]);
        parameters.distinguished_name.push(DnType::CommonName, name);
        self.sign(&parameters)
    }

    fn sign(&self, parameters: &CertificateParams) -> Certified {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Certified {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key,
        }
    }
}

fn parameters(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().copied().map(str::to_owned).collect();
    CertificateParams::new(names).unwrap()
}

impl Certified {
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }

    /// The certificate with a key that is not its own.
    pub(crate) fn with_another_key(self) -> Self {
        let key = KeyPair::generate().unwrap();
        assert_ne!(key.der_bytes(), self.key.der_bytes());
        Self { key, ..self }
    }
}
