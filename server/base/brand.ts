declare const brand: unique symbol;

/** A type that looks like `T` at run time and cannot be mixed up with another brand at compile time. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
