import * as z from 'zod/mini';

/** A container engine, and how it is called: what its client found out, and the server is told. */
export const containerEngineSchema = z.strictObject({
  kind: z.enum(['docker', 'podman']),
  /** The program and its options, before any command. */
  command: z.array(z.string()).check(z.minLength(1)),
  /** For people. */
  version: z.string(),
  /** Whether containers belong to a user without rights: root inside is that user. */
  rootless: z.boolean(),
});
export type ContainerEngine = z.infer<typeof containerEngineSchema>;

/** What a server that makes containers is started with. */
export const containerOptionsSchema = z.strictObject({
  engine: containerEngineSchema,
  /** The image's id. */
  image: z.string().check(z.regex(/^(sha256:)?[0-9a-f]{12,64}$/)),
});
export type ContainerOptions = z.infer<typeof containerOptionsSchema>;

/** Where the image has what runs in it; see backend/Dockerfile. */
export const IMAGE_NODE = '/opt/offload/bin/node';
export const IMAGE_AGENT = '/opt/offload/bin/claude';
export const IMAGE_BRIDGE = '/opt/offload/backend/bridge.mjs';

/** The command that makes the image, for people. */
export const BUILD_IMAGE = '"offload image build"';
