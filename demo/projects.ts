/** Projects of the demo as one labels them: interface, workspace, and tasks worth labelling. Never imported by src. */
import { chestXRay, skinLesion } from "./pictures.ts";
import { dopplerSound } from "./sounds.ts";

/** A file that is uploaded and becomes a task. */
export interface DemoFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** One project; tasks are texts or files. */
export interface DemoProject {
  readonly key: "chestXRay" | "reports" | "skin" | "doppler";
  readonly title: string;
  readonly workspace: "Radiology" | "Dermatology";
  readonly description: string;
  readonly labelConfig: string;
  readonly texts?: readonly string[];
  /** Made when it is needed, since drawing takes time. */
  readonly files?: () => readonly DemoFile[];
}

export const demoWorkspaces = ["Radiology", "Dermatology"] as const;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const pictures =
  (name: string, count: number, draw: (seed: number) => Buffer) => (): readonly DemoFile[] =>
    numbers(count).map((seed) => ({
      name: `${name}-${seed}.png`,
      type: "image/png",
      bytes: draw(seed),
    }));

export const demoProjects: readonly DemoProject[] = [
  {
    key: "chestXRay",
    title: "Chest X-ray",
    workspace: "Radiology",
    description: "Mark what does not belong into a lung. The pictures are drawn, not taken.",
    labelConfig: `<View>
  <Header value="Mark each opacity, then say what the picture shows"/>
  <Image name="image" value="$image" zoom="true"/>
  <RectangleLabels name="finding" toName="image">
    <Label value="Opacity" background="#d9480f"/>
    <Label value="Heart" background="#1971c2"/>
  </RectangleLabels>
  <Choices name="impression" toName="image" choice="single" showInline="true">
    <Choice value="Normal"/><Choice value="Abnormal"/><Choice value="Not readable"/>
  </Choices>
</View>`,
    files: pictures("chest", 8, chestXRay),
  },
  {
    key: "reports",
    title: "Radiology reports",
    workspace: "Radiology",
    description: "Findings, places and their tone in short reports.",
    labelConfig: `<View>
  <Labels name="label" toName="text">
    <Label value="Finding" background="#d9480f"/>
    <Label value="Anatomy" background="#1971c2"/>
    <Label value="Negation" background="#868e96"/>
  </Labels>
  <Text name="text" value="$text"/>
  <Choices name="tone" toName="text" choice="single" showInline="true">
    <Choice value="Reassuring"/><Choice value="Neutral"/><Choice value="Worrying"/>
  </Choices>
</View>`,
    texts: [
      "The lungs are clear. No pleural effusion and no pneumothorax. The heart is of normal size.",
      "A new opacity in the right lower lobe, most likely pneumonia. Follow-up in six weeks is advised.",
      "Small effusion on the left, less than before. The drain lies as it should.",
      "The nodule in the left upper lobe has grown from 6 to 9 mm. Please discuss in the tumour board.",
      "Old healed fractures of the seventh and eighth rib on the right. Otherwise nothing new.",
      "The aorta is wide and calcified. No sign of congestion.",
      "After removal of the tube no pneumothorax can be seen. The patient may go home.",
      "The picture is rotated and taken while breathing out, so that the bases cannot be judged.",
    ],
  },
  {
    key: "skin",
    title: "Skin lesions",
    workspace: "Dermatology",
    description: "Outline each mark and say how regular it is. The pictures are drawn, not taken.",
    labelConfig: `<View>
  <Image name="image" value="$image" zoom="true"/>
  <PolygonLabels name="lesion" toName="image">
    <Label value="Lesion" background="#5f3dc4"/>
  </PolygonLabels>
  <Choices name="border" toName="image" choice="single" showInline="true">
    <Choice value="Regular"/><Choice value="Irregular"/>
  </Choices>
</View>`,
    files: pictures("skin", 6, skinLesion),
  },
  {
    key: "doppler",
    title: "Doppler sounds",
    workspace: "Radiology",
    description: "Mark each beat and say how it sounds. The sounds are computed, not recorded.",
    labelConfig: `<View>
  <Labels name="label" toName="audio">
    <Label value="Beat" background="#2b8a3e"/>
    <Label value="Disturbance" background="#c92a2a"/>
  </Labels>
  <Audio name="audio" value="$audio"/>
  <Choices name="flow" toName="audio" choice="single" showInline="true">
    <Choice value="Normal"/><Choice value="Narrowed"/>
  </Choices>
</View>`,
    files: () =>
      numbers(3).map((seed) => ({
        name: `doppler-${seed}.wav`,
        type: "audio/wav",
        bytes: dopplerSound(seed),
      })),
  },
];
