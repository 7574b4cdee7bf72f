mod crashes;
mod disk;
mod keys;
