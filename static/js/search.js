/* As-you-type suggestions. */
