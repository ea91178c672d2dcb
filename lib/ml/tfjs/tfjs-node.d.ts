/** An optional package: importing it registers the native backend, and where it is not installed the import fails. */
declare module '@tensorflow/tfjs-node' {}
