import fc from '../support/property.ts';

// A counterexample need not be small here, nobody reads it.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
